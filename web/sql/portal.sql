-- name: portal_setting
-- The portal's one row.
SELECT open, delay_s, notice, notice_en, version FROM portal_setting;

-- name: portal_setting_lock
-- The same, locked until the transaction ends.
SELECT open, delay_s, notice, notice_en, version FROM portal_setting FOR UPDATE;

-- name: portal_setting_update
-- Writes the portal's row.
UPDATE portal_setting SET open = %(open)s, delay_s = %(delay_s)s, notice = %(notice)s,
    notice_en = %(notice_en)s, version = version + 1
RETURNING open, delay_s, notice, notice_en, version;

-- name: public_setting
-- What the portal may know of its switch.
SELECT open, delay_s, notice, notice_en FROM public_setting;

-- name: public_cameras
-- Published cameras; none while the portal is closed.
SELECT code, name, name_en, lon, lat, online FROM public_camera ORDER BY code;

-- name: public_roads
-- Streets of a box as SVG paths in its own units, small ones first, no more than a small page can carry.
SELECT kind, path FROM (
    SELECT class AS kind,
           CASE WHEN class IN ('motorway', 'trunk', 'primary') THEN 2
                WHEN class IN ('secondary', 'tertiary') THEN 1 ELSE 0 END AS rank,
           ST_AsSVG(ST_Scale(ST_Translate(ST_Simplify(
               ST_ClipByBox2D(geom, ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)),
               %(tolerance_deg)s), -%(west)s, -%(north)s), %(kx)s, %(ky)s), 1, 1) AS path
    FROM public_road
    WHERE geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
    ORDER BY rank DESC, ST_Length(geom) DESC LIMIT 2000
) drawn ORDER BY rank;

-- name: public_areas
-- Water and parks of a box as SVG paths in its own units, the largest ones.
SELECT kind, path FROM (
    SELECT kind, ST_Area(geom) AS size,
           ST_AsSVG(ST_Scale(ST_Translate(ST_SimplifyPreserveTopology(
               ST_ClipByBox2D(geom, ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)),
               %(tolerance_deg)s), -%(west)s, -%(north)s), %(kx)s, %(ky)s), 1, 1) AS path
    FROM public_area
    WHERE geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326) AND kind IN ('water', 'park')
    ORDER BY size DESC LIMIT 400
) drawn ORDER BY size DESC;

-- name: role_exists
-- Whether there is such a role.
SELECT 1 FROM pg_roles WHERE rolname = %(role)s;

-- name: public_views
-- The views made for the portal.
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'v' AND relname LIKE 'public\_%%';

-- name: role_reaches
-- What else a role has any right on; PostGIS's own constants are everybody's.
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
  AND NOT (c.relkind = 'v' AND c.relname LIKE 'public\_%%')
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(%(role)s, c.oid, 'SELECT, USAGE, UPDATE')
           ELSE has_table_privilege(%(role)s, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
                OR has_any_column_privilege(%(role)s, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') END
ORDER BY c.relname;

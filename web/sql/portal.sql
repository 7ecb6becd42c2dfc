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
-- Streets within a box, large ones, for the drawn map.
SELECT class, name, name_en, ST_AsText(ST_Simplify(geom, %(tolerance_deg)s, true), 5) AS wkt
FROM public_road
WHERE geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326) AND class = ANY (%(classes)s);

-- name: public_areas
-- Water and parks within a box, for the drawn map.
SELECT kind, name, name_en, ST_AsText(ST_SimplifyPreserveTopology(geom, %(tolerance_deg)s), 5) AS wkt
FROM public_area
WHERE geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326) AND kind = ANY (%(kinds)s);

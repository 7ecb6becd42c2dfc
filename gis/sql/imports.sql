-- name: import_lock
-- One import at a time, until the transaction ends.
SELECT pg_advisory_xact_lock(1835101289)

-- name: import_record
-- Notes which file a source's rows came from.
INSERT INTO map_import (kind, source, digest, rows_kept, rows_refused, imported_at)
VALUES (%(kind)s, %(source)s, %(digest)s, %(kept)s, %(refused)s, clock_timestamp())
ON CONFLICT (kind, source) DO UPDATE SET digest = excluded.digest, rows_kept = excluded.rows_kept,
    rows_refused = excluded.rows_refused, imported_at = excluded.imported_at

-- name: import_digest
-- The digest of the file a source was last imported from.
SELECT digest FROM map_import WHERE kind = %(kind)s AND source = %(source)s

-- name: road_clear
-- Removes a source's streets.
DELETE FROM road_edge WHERE imported_from = %(source)s

-- name: road_node_clear
-- Removes a source's crossings, its streets being gone.
DELETE FROM road_node WHERE imported_from = %(source)s

-- name: road_top
-- The highest numbers other sources use.
SELECT (SELECT coalesce(max(id), 0) FROM road_node) AS node, (SELECT coalesce(max(id), 0) FROM road_edge) AS edge

-- name: road_node_copy
-- Crossings as they come from the import.
COPY road_node (id, imported_from, geom) FROM STDIN

-- name: road_edge_stage
-- A place for streets before their geodesic length is measured.
CREATE TEMPORARY TABLE road_stage (id bigint, source bigint, target bigint, class text, name text, name_en text,
    one_way boolean, speed_kmh real, geom geometry(LineString, 4326)) ON COMMIT DROP

-- name: road_edge_copy
-- Streets as they come from the import.
COPY road_stage (id, source, target, class, name, name_en, one_way, speed_kmh, geom) FROM STDIN

-- name: road_edge_insert
-- Takes the staged streets over, measured on the spheroid.
INSERT INTO road_edge (id, imported_from, source, target, class, name, name_en, one_way, speed_kmh, length_m, geom)
SELECT id, %(source)s, source, target, class, name, name_en, one_way, speed_kmh, ST_Length(geom::geography), geom
FROM road_stage

-- name: area_clear
-- Removes a source's areas.
DELETE FROM map_area WHERE source = %(source)s

-- name: area_copy
-- Areas as they come from the import.
COPY map_area (source, kind, name, name_en, height_m, geom) FROM STDIN

-- name: place_stage
-- A place for named places before they are matched with the ones known.
CREATE TEMPORARY TABLE place_stage (source_ref text PRIMARY KEY, kind text, name text, name_en text, props jsonb,
    geom geometry(Point, 4326)) ON COMMIT DROP

-- name: place_copy
-- Named places as they come from the import.
COPY place_stage (source_ref, kind, name, name_en, props, geom) FROM STDIN

-- name: place_merge
-- Takes the staged places over; a known one keeps its id, so that what points at it still does.
INSERT INTO place (source, source_ref, kind, name, name_en, props, geom)
SELECT %(source)s, source_ref, kind, name, name_en, props, geom FROM place_stage
ON CONFLICT (source, source_ref) DO UPDATE SET kind = excluded.kind, name = excluded.name,
    name_en = excluded.name_en, props = excluded.props, geom = excluded.geom

-- name: place_prune
-- Removes a source's places that its newest file has no more.
DELETE FROM place p WHERE source = %(source)s
  AND NOT EXISTS (SELECT 1 FROM place_stage s WHERE s.source_ref = p.source_ref)

-- name: pipe_stage
-- Places for a network's nodes and edges before they are matched with the ones known.
CREATE TEMPORARY TABLE pipe_node_stage (source_ref text PRIMARY KEY, kind text, name text, props jsonb,
    geom geometry(Point, 4326)) ON COMMIT DROP;
CREATE TEMPORARY TABLE pipe_edge_stage (source_ref text PRIMARY KEY, kind text, from_ref text, to_ref text,
    diameter_mm real, material text, length_m real, props jsonb, geom geometry(LineString, 4326)) ON COMMIT DROP

-- name: pipe_node_copy
-- A network's nodes as they come from the import.
COPY pipe_node_stage (source_ref, kind, name, props, geom) FROM STDIN

-- name: pipe_edge_copy
-- A network's edges as they come from the import.
COPY pipe_edge_stage (source_ref, kind, from_ref, to_ref, diameter_mm, material, length_m, props, geom) FROM STDIN

-- name: pipe_edge_prune
-- Removes a source's edges in one network that its newest file has no more.
DELETE FROM pipe_edge e WHERE source = %(source)s AND network = %(network)s
  AND NOT EXISTS (SELECT 1 FROM pipe_edge_stage s WHERE s.source_ref = e.source_ref)

-- name: pipe_node_merge
-- Takes the staged nodes over; a known one keeps its id.
INSERT INTO pipe_node (source, source_ref, network, kind, name, props, geom)
SELECT %(source)s, source_ref, %(network)s, kind, name, props, geom FROM pipe_node_stage
ON CONFLICT (source, network, source_ref) DO UPDATE SET kind = excluded.kind, name = excluded.name,
    props = excluded.props, geom = excluded.geom

-- name: pipe_edge_merge
-- Takes the staged edges over; a length the file does not give is measured on the spheroid.
INSERT INTO pipe_edge (source, source_ref, network, kind, from_node, to_node, diameter_mm, material, length_m,
                       props, geom)
SELECT %(source)s, s.source_ref, %(network)s, s.kind, a.id, b.id, s.diameter_mm, s.material,
       coalesce(s.length_m, ST_Length(s.geom::geography)), s.props, s.geom
FROM pipe_edge_stage s
JOIN pipe_node a ON a.source = %(source)s AND a.network = %(network)s AND a.source_ref = s.from_ref
JOIN pipe_node b ON b.source = %(source)s AND b.network = %(network)s AND b.source_ref = s.to_ref
ON CONFLICT (source, network, source_ref) DO UPDATE SET kind = excluded.kind, from_node = excluded.from_node,
    to_node = excluded.to_node, diameter_mm = excluded.diameter_mm, material = excluded.material,
    length_m = excluded.length_m, props = excluded.props, geom = excluded.geom

-- name: pipe_node_prune
-- Removes a source's nodes in one network that its newest file has no more.
DELETE FROM pipe_node n WHERE source = %(source)s AND network = %(network)s
  AND NOT EXISTS (SELECT 1 FROM pipe_node_stage s WHERE s.source_ref = n.source_ref)

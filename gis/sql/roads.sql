-- name: road_nodes
-- Every vertex of the road graph: id, lon, lat.
SELECT id, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM road_node ORDER BY id

-- name: road_edges
-- Every stretch of street with its geometry as WKB.
SELECT id, source, target, one_way, speed_kmh, length_m, ST_AsBinary(geom) AS wkb FROM road_edge ORDER BY id

-- name: road_stamp
-- When the roads were last imported; null before the first import.
SELECT max(imported_at) AS at FROM map_import WHERE kind = 'osm'

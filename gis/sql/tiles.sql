-- name: tile_base
-- One vector tile of the base map from the given views: {area}, {road} and {place} are map_area, road_edge and place,
-- or the public views of the same columns. What would be too small to see at the zoom is left out.
WITH box AS (
    SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS mercator,
           ST_Transform(ST_Expand(ST_TileEnvelope(%(z)s, %(x)s, %(y)s), %(margin_m)s), 4326) AS degrees
), area AS (
    SELECT a.kind, a.name, a.name_en, a.height_m,
           ST_AsMVTGeom(ST_Transform(a.geom, 3857), box.mercator, 4096, 64) AS geom
    FROM {area} a, box
    WHERE a.geom && box.degrees
      AND (a.kind <> 'building' OR %(z)s >= 14)
      AND (a.kind NOT IN ('land', 'park') OR %(z)s >= 12)
      AND ST_Area(ST_Envelope(a.geom)) >= %(min_deg2)s
    -- Large first: a campus is drawn over its district, a building over its campus.
    ORDER BY ST_Area(ST_Envelope(a.geom)) DESC
), road AS (
    SELECT r.class, r.name, r.name_en,
           ST_AsMVTGeom(ST_Transform(r.geom, 3857), box.mercator, 4096, 64) AS geom
    FROM {road} r, box
    WHERE r.geom && box.degrees
      AND (%(z)s >= 14 OR r.class IN ('motorway', 'trunk', 'primary', 'secondary')
           OR (%(z)s >= 12 AND r.class = 'tertiary') OR (%(z)s >= 13 AND r.class = 'residential'))
), merged AS (
    -- One line per street and tile, so that its label is laid along all of it.
    SELECT class, name, name_en, ST_LineMerge(ST_CollectionHomogenize(ST_Collect(geom))) AS geom
    FROM road WHERE geom IS NOT NULL GROUP BY class, name, name_en
), place AS (
    SELECT p.kind, p.name, p.name_en,
           ST_AsMVTGeom(ST_Transform(p.geom, 3857), box.mercator, 4096, 64) AS geom
    FROM {place} p, box
    WHERE p.geom && box.degrees
      AND (%(z)s >= 17 OR p.kind <> 'crossing')
      AND (%(z)s >= 15 OR p.kind <> 'estate')
      AND (%(z)s >= 13 OR p.kind IN ('government', 'city', 'town', 'village', 'suburb'))
)
SELECT coalesce((SELECT ST_AsMVT(area, 'area', 4096, 'geom') FROM area), '')
    || coalesce((SELECT ST_AsMVT(merged, 'road', 4096, 'geom') FROM merged), '')
    || coalesce((SELECT ST_AsMVT(place, 'place', 4096, 'geom') FROM place), '') AS tile

-- name: tile_pipes
-- One vector tile of the pipe networks: large pipes from zoom 11 on, all mains from 13, valves and hydrants from 15,
-- services and the rest from 16.
WITH box AS (
    SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS mercator,
           ST_Transform(ST_Expand(ST_TileEnvelope(%(z)s, %(x)s, %(y)s), %(margin_m)s), 4326) AS degrees
), pipe_edge AS (
    SELECT e.id AS feature, e.id, e.network, e.kind, e.diameter_mm, e.material,
           ST_AsMVTGeom(ST_Transform(e.geom, 3857), box.mercator, 4096, 64) AS geom
    FROM pipe_edge e, box
    WHERE e.geom && box.degrees AND (e.kind <> 'service' OR %(z)s >= 16)
      AND (%(z)s >= 13 OR (%(z)s >= 11 AND e.diameter_mm >= 300))
), pipe_node AS (
    SELECT n.id AS feature, n.id, n.network, n.kind, n.name,
           ST_AsMVTGeom(ST_Transform(n.geom, 3857), box.mercator, 4096, 64) AS geom
    FROM pipe_node n, box
    WHERE n.geom && box.degrees AND %(z)s >= 13
      AND (%(z)s >= 15 OR n.kind IN ('source', 'pump', 'outfall', 'regulator', 'substation'))
      AND (%(z)s >= 16 OR n.kind NOT IN ('junction', 'customer', 'manhole', 'pole'))
)
SELECT coalesce((SELECT ST_AsMVT(pipe_edge, 'pipe_edge', 4096, 'geom', 'feature') FROM pipe_edge), '')
    || coalesce((SELECT ST_AsMVT(pipe_node, 'pipe_node', 4096, 'geom', 'feature') FROM pipe_node), '') AS tile

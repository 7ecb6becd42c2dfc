-- name: places_near
-- Named places around a point, nearest first, at most %(limit)s of them inside a box on degrees.
-- The box lets the index work; the distance is on the spheroid.
SELECT id, kind, name, name_en, ST_X(geom) AS lon, ST_Y(geom) AS lat,
       ST_Distance(geom::geography, ST_SetSRID(ST_Point(%(lon)s, %(lat)s), 4326)::geography) AS distance_m
FROM place
WHERE geom && ST_Expand(ST_SetSRID(ST_Point(%(lon)s, %(lat)s), 4326), %(within_lon)s, %(within_lat)s)
ORDER BY distance_m, id
LIMIT %(limit)s

-- name: places_search
-- Places whose Chinese or English name holds the words or resembles them: whole names first, then names that begin
-- with the words, then the others; within each the nearest first where a place is given, else the most alike.
SELECT id, kind, name, name_en, ST_X(geom) AS lon, ST_Y(geom) AS lat, distance_m
FROM (
    SELECT p.*,
           CASE WHEN lower(name) = lower(%(q)s) OR lower(name_en) = lower(%(q)s) THEN 0
                WHEN name ILIKE %(prefix)s OR name_en ILIKE %(prefix)s THEN 1
                WHEN name ILIKE %(inside)s OR name_en ILIKE %(inside)s THEN 2
                ELSE 3 END AS rank,
           greatest(similarity(name, %(q)s), similarity(coalesce(name_en, ''), %(q)s)) AS alike,
           CASE WHEN %(lon)s::float8 IS NULL THEN NULL
                ELSE ST_Distance(geom::geography, ST_SetSRID(ST_Point(%(lon)s, %(lat)s), 4326)::geography)
           END AS distance_m
    FROM place p
    WHERE name ILIKE %(inside)s OR name_en ILIKE %(inside)s OR name %% %(q)s OR name_en %% %(q)s
) AS found
ORDER BY rank, CASE WHEN rank = 3 THEN -alike END, distance_m NULLS LAST, alike DESC, id
LIMIT %(limit)s

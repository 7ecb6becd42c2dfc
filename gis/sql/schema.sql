-- gis: the map itself. Everything here is WGS-84 (EPSG:4326), longitude first, metres and seconds.

CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Which migrations this database has seen; a program refuses a database newer than itself.
CREATE TABLE schema_migration (
    number      integer PRIMARY KEY CHECK (number > 0),
    name        text NOT NULL,
    applied_at  timestamptz NOT NULL DEFAULT now()
);

-- Each running process says here every few seconds that it lives, and its figures; health and metrics read it.
CREATE TABLE process_state (
    name        text PRIMARY KEY,                    -- ingest, gateway, analytics, command, console, portal
    pid         integer NOT NULL,
    started_at  timestamptz NOT NULL,
    beat_at     timestamptz NOT NULL,
    facts       jsonb NOT NULL DEFAULT '{}'          -- metric name -> number, or state name -> sentence
);

-- Which file each source's rows were last imported from. Whoever keeps a copy of the map in memory looks here
-- for a newer imported_at; an import of the same digest has nothing to do.
CREATE TABLE map_import (
    kind        text NOT NULL CHECK (kind IN ('osm', 'places', 'pipes:water', 'pipes:gas', 'pipes:sewer', 'pipes:power',
                                                 'demo')),   -- demo: the demo city as a whole
    source      text NOT NULL,
    digest      text NOT NULL,                       -- sha256 of the file, hex
    rows_kept   integer NOT NULL CHECK (rows_kept >= 0),
    rows_refused integer NOT NULL CHECK (rows_refused >= 0),
    imported_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (kind, source)
);

-- Named things people say on the radio: streets' crossings, estates, stations, hospitals.
CREATE TABLE place (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source      text NOT NULL,                       -- which import made it; a re-import replaces its own rows
    source_ref  text NOT NULL,                       -- the row's own key in that source
    kind        text NOT NULL,                       -- crossing, estate, school, police_station, fire_station, hospital, ...
    name        text NOT NULL CHECK (name <> ''),
    name_en     text,
    props       jsonb NOT NULL DEFAULT '{}',
    geom        geometry(Point, 4326) NOT NULL,
    UNIQUE (source, source_ref)
);
CREATE INDEX place_geom ON place USING gist (geom);
CREATE INDEX place_name_trgm ON place USING gin (name gin_trgm_ops);
CREATE INDEX place_kind ON place (kind);

-- Crossings and ends of streets; the road graph's vertices.
CREATE TABLE road_node (
    id          bigint PRIMARY KEY,
    imported_from text NOT NULL DEFAULT 'osm',       -- which import made it; a re-import replaces its own rows
    geom        geometry(Point, 4326) NOT NULL
);

-- One stretch of street between two nodes. one_way: traffic runs source -> target only.
CREATE TABLE road_edge (
    id          bigint PRIMARY KEY,
    imported_from text NOT NULL DEFAULT 'osm',
    source      bigint NOT NULL REFERENCES road_node (id),
    target      bigint NOT NULL REFERENCES road_node (id),
    class       text NOT NULL,                       -- motorway, trunk, primary, secondary, tertiary, residential, service
    name        text,
    name_en     text,
    one_way     boolean NOT NULL DEFAULT false,
    speed_kmh   real NOT NULL CHECK (speed_kmh > 0), -- free-flow speed an emergency vehicle can count on
    length_m    real NOT NULL CHECK (length_m >= 0), -- geodesic
    geom        geometry(LineString, 4326) NOT NULL
);
CREATE INDEX road_edge_geom ON road_edge USING gist (geom);
CREATE INDEX road_edge_ends ON road_edge (source, target);
CREATE INDEX road_edge_target ON road_edge (target);

-- Areas drawn as the base map: water, park, building, district, land.
CREATE TABLE map_area (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source      text NOT NULL,
    kind        text NOT NULL,
    name        text,
    name_en     text,
    height_m    real,                                -- buildings only
    geom        geometry(MultiPolygon, 4326) NOT NULL
);
CREATE INDEX map_area_geom ON map_area USING gist (geom);

-- Pipe networks. Networks: water, gas, sewer, power.
CREATE TABLE pipe_node (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source      text NOT NULL,
    source_ref  text NOT NULL,
    network     text NOT NULL CHECK (network IN ('water', 'gas', 'sewer', 'power')),
    kind        text NOT NULL,                       -- junction, valve, hydrant, pump, source, customer, manhole, outfall, regulator, substation, pole
    name        text,
    props       jsonb NOT NULL DEFAULT '{}',
    geom        geometry(Point, 4326) NOT NULL,
    UNIQUE (source, network, source_ref)
);
CREATE INDEX pipe_node_geom ON pipe_node USING gist (geom);

CREATE TABLE pipe_edge (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source      text NOT NULL,
    source_ref  text NOT NULL,
    network     text NOT NULL CHECK (network IN ('water', 'gas', 'sewer', 'power')),
    kind        text NOT NULL,                       -- main, service, cable, gravity, pressure
    from_node   integer NOT NULL REFERENCES pipe_node (id) ON DELETE CASCADE,
    to_node     integer NOT NULL REFERENCES pipe_node (id) ON DELETE CASCADE,
    diameter_mm real,
    material    text,
    length_m    real NOT NULL CHECK (length_m >= 0),
    props       jsonb NOT NULL DEFAULT '{}',
    geom        geometry(LineString, 4326) NOT NULL,
    UNIQUE (source, network, source_ref)
);
CREATE INDEX pipe_edge_geom ON pipe_edge USING gist (geom);
CREATE INDEX pipe_edge_from ON pipe_edge (from_node);
CREATE INDEX pipe_edge_to ON pipe_edge (to_node);

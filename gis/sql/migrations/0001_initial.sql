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
-- ingest: cameras, recordings, devices and what they said.

CREATE TABLE camera (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code          text NOT NULL UNIQUE CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$'),  -- safe in paths and URLs
    name          text NOT NULL CHECK (name <> ''),
    name_en       text,
    url           text NOT NULL,                     -- rtsp://host:port/path, never with a password inside
    username      text,
    password_enc  bytea,                             -- Fernet, key in var/secrets.json; null: none
    geom          geometry(Point, 4326) NOT NULL,
    height_m      real,                              -- lens above the ground
    yaw_deg       real,                              -- view direction, clockwise from north
    pitch_deg     real,                              -- 0 horizontal, negative looks down
    roll_deg      real NOT NULL DEFAULT 0,
    hfov_deg      real CHECK (hfov_deg > 0 AND hfov_deg < 180),
    pose_sigma_deg real NOT NULL DEFAULT 0.5,        -- one sigma of yaw, pitch and roll
    enabled       boolean NOT NULL DEFAULT true,     -- off: nothing is pulled
    recorded      boolean NOT NULL DEFAULT true,
    analysed      boolean NOT NULL DEFAULT true,
    published     boolean NOT NULL DEFAULT false,    -- shown on the public portal
    retention_days integer NOT NULL DEFAULT 30 CHECK (retention_days > 0),
    version       integer NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX camera_geom ON camera USING gist (geom);

-- What ingest sees of each camera now. The row is written by ingest alone.
CREATE TABLE camera_state (
    camera_id     integer PRIMARY KEY REFERENCES camera (id) ON DELETE CASCADE,
    state         text NOT NULL CHECK (state IN ('off', 'connecting', 'online', 'stalled', 'unreachable',
                                                 'refused', 'no_key_frame', 'unsupported', 'disk_full', 'stopped')),
    reason        text NOT NULL DEFAULT '',          -- one sentence that names the failing step
    since         timestamptz NOT NULL DEFAULT now(),
    last_packet_at timestamptz,
    codec         text,
    width_px      integer,
    height_px     integer,
    fps           real,
    bitrate_bps   integer,
    reconnects    integer NOT NULL DEFAULT 0,
    recording     boolean NOT NULL DEFAULT false,
    updated_at    timestamptz NOT NULL DEFAULT now()
);

-- One recording file: fragmented MP4 = init (ftyp+moov) then one moof+mdat per GOP.
-- Fragment i lies at frag_offset[i], frag_length[i] bytes; it starts frag_start_90k[i] after start_at
-- and lasts frag_duration_90k[i], both in 1/90000 s.
CREATE TABLE segment (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    camera_id     integer NOT NULL REFERENCES camera (id),
    path          text NOT NULL UNIQUE,              -- relative to the recordings folder
    start_at      timestamptz NOT NULL,              -- capture time of the first frame
    end_at        timestamptz NOT NULL,
    init_length   integer NOT NULL CHECK (init_length > 0),
    bytes         bigint NOT NULL,
    frames        integer NOT NULL,
    codec         text NOT NULL,                     -- RFC 6381, e.g. avc1.42c01f
    width_px      integer NOT NULL,
    height_px     integer NOT NULL,
    frag_offset       integer[] NOT NULL,
    frag_length       integer[] NOT NULL,
    frag_start_90k    integer[] NOT NULL,
    frag_duration_90k integer[] NOT NULL,
    open          boolean NOT NULL DEFAULT false,    -- still being written; its arrays grow
    CHECK (end_at >= start_at)
);
CREATE INDEX segment_camera_time ON segment (camera_id, start_at);
CREATE INDEX segment_time ON segment (end_at);

-- Footage that retention must not touch, and why.
CREATE TABLE evidence_hold (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    camera_id     integer NOT NULL REFERENCES camera (id),
    from_at       timestamptz NOT NULL,
    to_at         timestamptz NOT NULL,
    reason        text NOT NULL,
    subject       text NOT NULL,                     -- what it is held for, e.g. 'incident:1042'
    created_by    text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    released_at   timestamptz,
    CHECK (to_at > from_at)
);
CREATE INDEX evidence_hold_camera ON evidence_hold (camera_id, from_at) WHERE released_at IS NULL;
CREATE UNIQUE INDEX evidence_hold_once ON evidence_hold (camera_id, subject) WHERE released_at IS NULL;

-- Anything that reports by a device protocol. key: phone number (JT/T 808), MN (HJ 212), station address (SL 651).
CREATE TABLE device (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    protocol      text NOT NULL CHECK (protocol IN ('jt808', 'hj212', 'sl651')),
    key           text NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('vehicle', 'water_level', 'rain', 'enterprise')),
    name          text NOT NULL,
    name_en       text,
    datum         text NOT NULL DEFAULT 'wgs84' CHECK (datum IN ('wgs84', 'gcj02', 'bd09')),
    plate         text,
    service       text,                              -- vehicles: taxi, police, fire, ambulance, municipal
    auth_code     text,                              -- handed out by JT/T 808 registration
    geom          geometry(Point, 4326),             -- fixed stations only
    last_seen_at  timestamptz,
    props         jsonb NOT NULL DEFAULT '{}',
    UNIQUE (protocol, key)
);

-- Positions, narrow: degrees x 1e-7. One partition a day, made by ensure_day_partitions().
CREATE TABLE position (
    device_id     integer NOT NULL,
    at            timestamptz NOT NULL,
    lon_e7        integer NOT NULL,
    lat_e7        integer NOT NULL,
    speed_cms     integer,                           -- cm/s
    course_deg    smallint,
    altitude_m    smallint,
    flags         integer NOT NULL DEFAULT 0,        -- bit 0 ignition, 1 for hire/busy, 2 SOS
    received_at   timestamptz NOT NULL
) PARTITION BY RANGE (at);
CREATE INDEX position_device_time ON position (device_id, at);

CREATE TABLE position_latest (
    device_id     integer PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    at            timestamptz NOT NULL,
    geom          geometry(Point, 4326) NOT NULL,
    speed_ms      real,
    course_deg    real,
    flags         integer NOT NULL DEFAULT 0,
    received_at   timestamptz NOT NULL
);
CREATE INDEX position_latest_geom ON position_latest USING gist (geom);

-- Sensor values in SI or the standard's unit. quantity: water_level_m, rain_mm, battery_v, or an HJ 212 pollutant code.
CREATE TABLE reading (
    device_id     integer NOT NULL,
    quantity      text NOT NULL,
    at            timestamptz NOT NULL,
    value         double precision NOT NULL,
    unit          text NOT NULL,
    flag          text NOT NULL DEFAULT 'N',         -- HJ 212 data flag
    received_at   timestamptz NOT NULL
) PARTITION BY RANGE (at);
CREATE INDEX reading_device_time ON reading (device_id, quantity, at);

CREATE TABLE reading_latest (
    device_id     integer NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    quantity      text NOT NULL,
    at            timestamptz NOT NULL,
    value         double precision NOT NULL,
    unit          text NOT NULL,
    flag          text NOT NULL DEFAULT 'N',
    PRIMARY KEY (device_id, quantity)
);

-- A value that calls for people. rising = true: fires when value >= limit_value.
CREATE TABLE threshold (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id     integer NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    quantity      text NOT NULL,
    rising        boolean NOT NULL DEFAULT true,
    limit_value   double precision NOT NULL,
    hysteresis    double precision NOT NULL DEFAULT 0 CHECK (hysteresis >= 0),
    priority      smallint NOT NULL CHECK (priority BETWEEN 1 AND 4),
    UNIQUE (device_id, quantity, limit_value)
);

-- A driver's panic button, a threshold crossed: what devices report that someone must look at.
-- NOTIFY 'device_event' carries the id.
CREATE TABLE device_event (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id     integer NOT NULL REFERENCES device (id),
    kind          text NOT NULL CHECK (kind IN ('sos', 'threshold')),
    at            timestamptz NOT NULL,
    quantity      text,
    value         double precision,
    limit_value   double precision,
    priority      smallint NOT NULL CHECK (priority BETWEEN 1 AND 4),
    geom          geometry(Point, 4326),
    created_at    timestamptz NOT NULL DEFAULT now()
);

-- Frames nobody could read, fixes nobody should believe: kept with the reason.
CREATE TABLE quarantine (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source        text NOT NULL,                     -- jt808, hj212, sl651
    device_key    text,
    reason        text NOT NULL,
    raw           bytea,
    received_at   timestamptz NOT NULL
);
CREATE INDEX quarantine_time ON quarantine (received_at);

-- Text to a terminal (JT/T 808 8300). NOTIFY 'downlink' carries the id; the gateway sends and marks it.
CREATE TABLE downlink (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id     integer NOT NULL REFERENCES device (id),
    body          text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    sent_at       timestamptz,
    answered_at   timestamptz,
    result        smallint                           -- the terminal's 0001 answer: 0 ok
);
CREATE INDEX downlink_open ON downlink (created_at) WHERE answered_at IS NULL;

-- Which of the gateway's batches are in: one whose commit was not answered is loaded again, and must count once.
CREATE TABLE telemetry_batch (
    uid           uuid PRIMARY KEY,
    loaded_at     timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION ensure_day_partitions(parent text, first_day date, days integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE d date;
BEGIN
    FOR i IN 0 .. days - 1 LOOP
        d := first_day + i;
        EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                       parent || '_' || to_char(d, 'YYYYMMDD'), parent,
                       d::timestamp AT TIME ZONE 'UTC', (d + 1)::timestamp AT TIME ZONE 'UTC');
    END LOOP;
END $$;

CREATE FUNCTION notify_row_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The channel is the trigger's argument; the payload is the id alone, the reader fetches the row.
    PERFORM pg_notify(TG_ARGV[0], NEW.id::text);
    RETURN NULL;
END $$;

CREATE TRIGGER device_event_notify AFTER INSERT ON device_event
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('device_event');
CREATE TRIGGER downlink_notify AFTER INSERT ON downlink
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('downlink');
CREATE TRIGGER camera_notify AFTER INSERT OR UPDATE ON camera
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('camera');
-- analytics: what is watched for, what was seen, and where on the ground.

-- A zone (polygon) or a line in one camera's picture, normalised coordinates 0..1, origin top left.
CREATE TABLE zone (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    name          text NOT NULL CHECK (name <> ''),
    name_en       text,
    rule          text NOT NULL CHECK (rule IN ('intrusion', 'line_crossing')),
    points        double precision[] NOT NULL,       -- x0, y0, x1, y1, ...; a line has two points
    classes       text[] NOT NULL DEFAULT '{person}',-- person, vehicle, other
    dwell_s       real NOT NULL DEFAULT 0 CHECK (dwell_s >= 0),
    direction     text NOT NULL DEFAULT 'both' CHECK (direction IN ('both', 'left_to_right', 'right_to_left')),
    priority      smallint NOT NULL DEFAULT 2 CHECK (priority BETWEEN 1 AND 4),
    rearm_s       real NOT NULL DEFAULT 30,          -- the same cause within this time is the same event
    enabled       boolean NOT NULL DEFAULT true,
    version       integer NOT NULL DEFAULT 1,
    CHECK (array_length(points, 1) >= 4 AND array_length(points, 1) % 2 = 0)
);
CREATE TRIGGER zone_notify AFTER INSERT OR UPDATE ON zone
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('zone');

CREATE FUNCTION notify_old_row_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- For deleted rows; the reader finds no row under the id any more.
    PERFORM pg_notify(TG_ARGV[0], OLD.id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER zone_gone_notify AFTER DELETE ON zone
    FOR EACH ROW EXECUTE FUNCTION notify_old_row_id('zone');

-- One thing that moved through one camera's view. Samples are parallel arrays.
CREATE TABLE track (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    camera_id     integer NOT NULL REFERENCES camera (id),
    uid           uuid NOT NULL UNIQUE,              -- given by analytics, so that a retry writes once
    kind          text NOT NULL CHECK (kind IN ('person', 'vehicle', 'other')),
    confidence    real NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    start_at      timestamptz NOT NULL,
    end_at        timestamptz NOT NULL,
    t_ms          integer[] NOT NULL,                -- after start_at
    box           real[] NOT NULL,                   -- x, y, w, h per sample, normalised 0..1
    speed_ms      real,                              -- median over the ground path
    path          geometry(LineString, 4326)         -- ground path; null where the pose is unknown or too uncertain
);
CREATE INDEX track_camera_time ON track (camera_id, start_at);
CREATE INDEX track_path ON track USING gist (path);

-- A rule fired. NOTIFY 'event' carries the id.
CREATE TABLE event (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid           uuid NOT NULL UNIQUE,
    camera_id     integer NOT NULL REFERENCES camera (id),
    zone_id       integer REFERENCES zone (id) ON DELETE SET NULL,
    track_uid     uuid,                              -- the track's row may come later, when the track ends
    rule          text NOT NULL,
    kind          text NOT NULL,                     -- class of the thing: person, vehicle, other
    priority      smallint NOT NULL CHECK (priority BETWEEN 1 AND 4),
    confidence    real NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    at            timestamptz NOT NULL,              -- capture time of the frame that fired it
    recorded_at   timestamptz NOT NULL DEFAULT now(),
    box           real[] NOT NULL CHECK (array_length(box, 1) = 4),
    geom          geometry(Point, 4326),             -- null: above the horizon or too uncertain
    ellipse_major_m   real,                          -- semi-axes of the 95 % ellipse
    ellipse_minor_m   real,
    ellipse_angle_deg real,                          -- major axis, clockwise from north
    place         text,                              -- nearest place name
    place_en      text,
    snapshot      text,                              -- JPEG, path relative to the snapshots folder
    why           text NOT NULL,                     -- one sentence, zh-CN
    why_en        text NOT NULL
);
CREATE INDEX event_camera_time ON event (camera_id, at);
CREATE INDEX event_time ON event (at);
CREATE INDEX event_geom ON event USING gist (geom);
CREATE TRIGGER event_notify AFTER INSERT ON event
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('event');
-- command: alarms, incidents, units and the people who move.

-- A crew with a vehicle. Its operational status is derived from its open assignment, else from duty.
CREATE TABLE unit (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code          text NOT NULL UNIQUE,              -- what is said on the radio: P-03
    name          text NOT NULL,
    name_en       text,
    service       text NOT NULL CHECK (service IN ('police', 'fire', 'ambulance', 'municipal')),
    device_id     integer UNIQUE REFERENCES device (id),   -- its GPS terminal
    station_id    integer REFERENCES place (id) ON DELETE SET NULL,
    crew          smallint NOT NULL DEFAULT 2 CHECK (crew >= 0),
    duty          text NOT NULL DEFAULT 'available' CHECK (duty IN ('off', 'available', 'unavailable', 'out_of_service')),
    version       integer NOT NULL DEFAULT 1
);

-- An incident's number is what people say; it never repeats.
CREATE TABLE incident (
    id            integer GENERATED ALWAYS AS IDENTITY (START 1001) PRIMARY KEY,
    type          text NOT NULL,                     -- intrusion, fire, flood, traffic, medical, pipe_burst, pollution, panic, other
    title         text NOT NULL CHECK (title <> ''),
    title_en      text,                              -- null: a person wrote the title, it stands for both languages
    priority      smallint NOT NULL CHECK (priority BETWEEN 1 AND 4),   -- P1..P4, dispatch urgency
    level         smallint CHECK (level BETWEEN 1 AND 4),               -- I..IV, scale
    state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'assigned', 'enroute', 'onscene', 'controlled',
                                                                'clearing', 'closed', 'false_alarm', 'cancelled')),
    geom          geometry(Point, 4326) NOT NULL,
    place         text,
    place_en      text,
    opened_by     text NOT NULL,
    opened_at     timestamptz NOT NULL DEFAULT now(),
    closed_at     timestamptz,
    close_note    text,
    version       integer NOT NULL DEFAULT 1,
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CHECK ((closed_at IS NOT NULL) = (state IN ('closed', 'false_alarm', 'cancelled')))
);
CREATE INDEX incident_open ON incident (priority, opened_at) WHERE closed_at IS NULL;
CREATE INDEX incident_geom ON incident USING gist (geom);

-- Something that wants an officer's eye. Exactly one source. Repeats of one cause raise count, not rows.
CREATE TABLE alarm (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state         text NOT NULL DEFAULT 'raised' CHECK (state IN ('raised', 'acked', 'shelved', 'linked', 'dismissed', 'cleared')),
    priority      smallint NOT NULL CHECK (priority BETWEEN 1 AND 4),
    kind          text NOT NULL,                     -- intrusion, line_crossing, sos, threshold
    cause         text NOT NULL,                     -- what repeats fold on, e.g. 'zone:7'
    event_id      bigint REFERENCES event (id),      -- the newest one
    device_event_id bigint REFERENCES device_event (id),
    camera_id     integer REFERENCES camera (id),
    device_id     integer REFERENCES device (id),
    first_at      timestamptz NOT NULL,
    last_at       timestamptz NOT NULL,
    count         integer NOT NULL DEFAULT 1 CHECK (count > 0),
    geom          geometry(Point, 4326),
    place         text,
    place_en      text,
    title         text NOT NULL,                     -- one sentence, zh-CN
    title_en      text NOT NULL,
    incident_id   integer REFERENCES incident (id),
    handled_by    text,
    handled_at    timestamptz,
    dismiss_reason text,
    shelved_until timestamptz,
    version       integer NOT NULL DEFAULT 1,
    CHECK ((event_id IS NULL) <> (device_event_id IS NULL)),
    CHECK ((state = 'linked') <= (incident_id IS NOT NULL)),
    CHECK ((state = 'dismissed') = (dismiss_reason IS NOT NULL))
);
CREATE UNIQUE INDEX alarm_one_per_cause ON alarm (cause) WHERE state IN ('raised', 'acked');
CREATE INDEX alarm_cause ON alarm (cause, last_at);
CREATE INDEX alarm_open ON alarm (priority, last_at) WHERE state IN ('raised', 'acked', 'shelved');
CREATE INDEX alarm_time ON alarm (last_at);
CREATE INDEX alarm_incident ON alarm (incident_id);

-- Which events an alarm stands for.
CREATE TABLE alarm_event (
    alarm_id      integer NOT NULL REFERENCES alarm (id) ON DELETE CASCADE,
    event_id      bigint REFERENCES event (id),
    device_event_id bigint REFERENCES device_event (id),
    CHECK ((event_id IS NULL) <> (device_event_id IS NULL))
);
CREATE UNIQUE INDEX alarm_event_once ON alarm_event (event_id) WHERE event_id IS NOT NULL;
CREATE UNIQUE INDEX alarm_device_event_once ON alarm_event (device_event_id) WHERE device_event_id IS NOT NULL;

-- A unit sent to an incident; the timestamps are the truth, the state is derived from them.
CREATE TABLE assignment (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id   integer NOT NULL REFERENCES incident (id),
    unit_id       integer NOT NULL REFERENCES unit (id),
    dispatched_by text NOT NULL,
    dispatched_at timestamptz NOT NULL,
    acknowledged_at timestamptz,
    enroute_at    timestamptz,
    onscene_at    timestamptz,
    cleared_at    timestamptz,
    declined_at   timestamptz,
    recalled_at   timestamptz,
    decline_reason text,
    no_ack_at     timestamptz,                       -- when the dispatcher was told that nobody answered
    eta_s         real,                              -- at dispatch
    distance_m    real,                              -- along the road, at dispatch
    note          text,
    version       integer NOT NULL DEFAULT 1,
    ended_at      timestamptz GENERATED ALWAYS AS (coalesce(cleared_at, declined_at, recalled_at)) STORED
);
CREATE UNIQUE INDEX assignment_one_per_unit ON assignment (unit_id)
    WHERE cleared_at IS NULL AND declined_at IS NULL AND recalled_at IS NULL;
CREATE INDEX assignment_incident ON assignment (incident_id);

-- What happened, in order, for good. hash = sha256(prev_hash || canonical JSON of the entry), hex.
CREATE TABLE log_entry (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id   integer NOT NULL REFERENCES incident (id),
    seq           integer NOT NULL CHECK (seq > 0),
    kind          text NOT NULL,                     -- opened, alarm_linked, note, dispatched, acknowledged, enroute, onscene, cleared, declined, recalled, undone, no_ack, evidence_held, edited, closed, reopened
    actor         text NOT NULL,
    t_event       timestamptz NOT NULL,              -- when it happened
    t_recorded    timestamptz NOT NULL DEFAULT now(),-- when we heard of it
    body          jsonb NOT NULL DEFAULT '{}',       -- facts by name; the screen words them in its language
    prev_hash     text NOT NULL,
    hash          text NOT NULL,
    UNIQUE (incident_id, seq)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER log_entry_append_only BEFORE UPDATE OR DELETE ON log_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_entry_no_truncate BEFORE TRUNCATE ON log_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A field action done once, however often the phone sends it.
CREATE TABLE idempotency (
    key           text PRIMARY KEY CHECK (length(key) BETWEEN 8 AND 100),
    actor         text NOT NULL,
    request_hash  text NOT NULL,
    response      jsonb NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TRIGGER alarm_notify AFTER INSERT OR UPDATE ON alarm
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('alarm');
CREATE TRIGGER incident_notify AFTER INSERT OR UPDATE ON incident
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('incident');
CREATE TRIGGER assignment_notify AFTER INSERT OR UPDATE ON assignment
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('assignment');
CREATE TRIGGER unit_notify AFTER INSERT OR UPDATE ON unit
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('unit');
CREATE TRIGGER log_entry_notify AFTER INSERT ON log_entry
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('log_entry');
-- web: who may look and act, and a record of both.

CREATE TABLE app_user (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL UNIQUE CHECK (name ~ '^[A-Za-z0-9._-]{2,32}$'),
    display_name  text NOT NULL,
    password_hash text NOT NULL,                     -- Argon2id, with its parameters
    roles         text[] NOT NULL CHECK (roles <@ ARRAY['admin','dispatcher','commander','reviewer','responder']
                                         AND array_length(roles, 1) >= 1),
    camera_ids    integer[],                         -- the only cameras this person may see; null: all
    unit_id       integer REFERENCES unit (id) ON DELETE SET NULL,   -- a responder's crew
    language      text NOT NULL DEFAULT 'zh-CN' CHECK (language IN ('zh-CN', 'en')),
    active        boolean NOT NULL DEFAULT true,
    version       integer NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL DEFAULT now()
);

-- token_hash = sha256 of the cookie, so that a stolen table opens no session.
CREATE TABLE user_session (
    token_hash    bytea PRIMARY KEY,
    user_id       integer NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    csrf          text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    last_seen_at  timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    address       text,
    agent         text
);
CREATE INDEX user_session_user ON user_session (user_id);

-- Failed logins per name and address, for slowing down a guesser.
CREATE TABLE login_failure (
    name          text NOT NULL,
    address       text NOT NULL,
    at            timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX login_failure_recent ON login_failure (name, at);

-- Every change and every viewing of a recording.
CREATE TABLE audit (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at            timestamptz NOT NULL DEFAULT now(),
    actor         text NOT NULL,
    action        text NOT NULL,                     -- login, login_failed, logout, view_live, view_recording, create_incident, ...
    subject       text NOT NULL,                     -- 'incident:1042', 'camera:3'
    detail        jsonb NOT NULL DEFAULT '{}',
    address       text
);
CREATE INDEX audit_time ON audit (at);
CREATE INDEX audit_subject ON audit (subject);
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- One row: the portal's switch and how late the public sees the city.
CREATE TABLE portal_setting (
    one           boolean PRIMARY KEY DEFAULT true CHECK (one),
    open          boolean NOT NULL DEFAULT true,
    delay_s       integer NOT NULL DEFAULT 30 CHECK (delay_s BETWEEN 0 AND 600),
    notice        text NOT NULL DEFAULT '',
    notice_en     text NOT NULL DEFAULT '',
    version       integer NOT NULL DEFAULT 1
);
INSERT INTO portal_setting DEFAULT VALUES;

-- All that the portal's database role may read.
CREATE VIEW public_camera AS
    SELECT c.code, c.name, c.name_en, ST_X(c.geom) AS lon, ST_Y(c.geom) AS lat,
           coalesce(s.state = 'online', false) AS online
    FROM camera c LEFT JOIN camera_state s ON s.camera_id = c.id
    WHERE c.published AND c.enabled AND (SELECT open FROM portal_setting);
CREATE VIEW public_setting AS SELECT open, delay_s, notice, notice_en FROM portal_setting;
CREATE VIEW public_area AS SELECT kind, name, name_en, height_m, geom FROM map_area;
CREATE VIEW public_road AS SELECT class, name, name_en, geom FROM road_edge;
CREATE VIEW public_place AS SELECT kind, name, name_en, geom FROM place;

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

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
    created_at    timestamptz NOT NULL DEFAULT now(),
    sub_url       text,                              -- a second, smaller stream; null: none
    record_stream text NOT NULL DEFAULT 'main' CHECK (record_stream IN ('main', 'sub')),   -- which one each role takes
    analyse_stream text NOT NULL DEFAULT 'main' CHECK (analyse_stream IN ('main', 'sub')),
    publish_stream text NOT NULL DEFAULT 'main' CHECK (publish_stream IN ('main', 'sub')),
    audio         boolean NOT NULL DEFAULT true,     -- recorded where the camera sends it
    onvif_url     text,                              -- the device service's address; null: not by ONVIF
    onvif_profile text,                              -- token of the media profile that pan-tilt-zoom moves
    ptz           boolean NOT NULL DEFAULT false,    -- it can be turned
    ptz_home      text,                              -- token of the preset it returns to when nobody turns it; null: stays
    ptz_home_after_s integer NOT NULL DEFAULT 60 CHECK (ptz_home_after_s >= 30),  -- after so long without a move
    pose_k1       real NOT NULL DEFAULT 0,           -- radial distortion of the lens (Brown)
    pose_k2       real NOT NULL DEFAULT 0,
    pose_covariance double precision[] CHECK (cardinality(pose_covariance) = 81),  -- 9 × 9, gis.model.POSE_VALUES; null: not fitted
    CONSTRAINT camera_sub_there CHECK (
        sub_url IS NOT NULL OR 'sub' NOT IN (record_stream, analyse_stream, publish_stream)),
    CONSTRAINT camera_ptz_there CHECK (onvif_url IS NOT NULL OR NOT ptz)
);
CREATE INDEX camera_geom ON camera USING gist (geom);

-- What ingest sees of each camera now. The row is written by ingest alone.
CREATE TABLE camera_state (
    camera_id     integer PRIMARY KEY REFERENCES camera (id) ON DELETE CASCADE,
    state         text NOT NULL CHECK (
        state IN ('off', 'connecting', 'online', 'stalled', 'unreachable', 'refused', 'no_key_frame', 'unsupported',
                  'disk_full', 'disk_slow', 'disk_failed', 'stopped')),
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
    updated_at    timestamptz NOT NULL DEFAULT now(),
    camera_clock_offset_s real,                      -- the camera's clock minus ours by its RTCP reports; null: untold
    packets_lost  bigint NOT NULL DEFAULT 0,         -- RTP packets missing since ingest began
    why           jsonb                              -- the reason's code and what it names, for any language: {code, params}
);

-- How a camera that turns looks from a preset of its device; it stands where the camera stands.
CREATE TABLE camera_preset_pose (
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    preset        text NOT NULL CHECK (preset <> ''), -- token of the device's preset
    yaw_deg       real NOT NULL,
    pitch_deg     real NOT NULL,
    roll_deg      real NOT NULL DEFAULT 0,
    hfov_deg      real NOT NULL CHECK (hfov_deg > 0 AND hfov_deg < 180),
    pose_sigma_deg real NOT NULL DEFAULT 0.5,
    pose_k1       real NOT NULL DEFAULT 0,
    pose_k2       real NOT NULL DEFAULT 0,
    pose_covariance double precision[] CHECK (cardinality(pose_covariance) = 81),
    PRIMARY KEY (camera_id, preset)
);

-- Spots clicked in the picture and on the map, to which a pose was fitted.
CREATE TABLE camera_control_point (
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    preset        text NOT NULL DEFAULT '',          -- '': the camera's own pose
    number        smallint NOT NULL CHECK (number > 0),
    x             double precision NOT NULL CHECK (x BETWEEN 0 AND 1),
    y             double precision NOT NULL CHECK (y BETWEEN 0 AND 1),
    geom          geometry(Point, 4326) NOT NULL,
    up_m          real NOT NULL DEFAULT 0,           -- above the ground there
    PRIMARY KEY (camera_id, preset, number)
);

-- Where a camera that turns stands now; without a row nobody has asked the device yet. Written by the console.
CREATE TABLE ptz_state (
    camera_id     integer PRIMARY KEY REFERENCES camera (id) ON DELETE CASCADE,
    state         text NOT NULL CHECK (state IN ('preset', 'moving', 'elsewhere')),
    preset        text,                              -- token of the preset it stands at
    since         timestamptz NOT NULL,
    CONSTRAINT ptz_state_preset CHECK ((state = 'preset') = (preset IS NOT NULL))
);
-- How each camera looks now: by its own pose, at its home or where it does not turn, or by its preset's. away: nobody
-- knows, because it moves or stands at no preset that has a pose.
CREATE VIEW camera_pose AS
SELECT c.id AS camera_id, ST_X(c.geom) AS lon, ST_Y(c.geom) AS lat, c.height_m,
       CASE WHEN v.own THEN c.yaw_deg ELSE p.yaw_deg END AS yaw_deg,
       CASE WHEN v.own THEN c.pitch_deg ELSE p.pitch_deg END AS pitch_deg,
       CASE WHEN v.own THEN c.roll_deg ELSE p.roll_deg END AS roll_deg,
       CASE WHEN v.own THEN c.hfov_deg ELSE p.hfov_deg END AS hfov_deg,
       CASE WHEN v.own THEN c.pose_sigma_deg ELSE p.pose_sigma_deg END AS pose_sigma_deg,
       CASE WHEN v.own THEN c.pose_k1 ELSE p.pose_k1 END AS pose_k1,
       CASE WHEN v.own THEN c.pose_k2 ELSE p.pose_k2 END AS pose_k2,
       CASE WHEN v.own THEN c.pose_covariance ELSE p.pose_covariance END AS pose_covariance,
       v.own, s.preset, coalesce(s.state, 'fixed') AS ptz_state, s.since AS ptz_since,
       NOT v.own AND p.camera_id IS NULL AS away
FROM camera c
LEFT JOIN ptz_state s ON s.camera_id = c.id AND c.ptz
LEFT JOIN camera_preset_pose p ON p.camera_id = c.id AND p.preset = s.preset
CROSS JOIN LATERAL (SELECT p.camera_id IS NULL AND (s.camera_id IS NULL OR coalesce(s.preset = c.ptz_home, false))) v (own);

-- Where recordings lie. Tier 0 is the local disk (WANGLOU_RECORDINGS); footage moves on to further ones in their order.
CREATE TABLE storage_tier (
    id            smallint PRIMARY KEY CHECK (id >= 0),
    position      smallint NOT NULL UNIQUE CHECK (position >= 0),
    name          text NOT NULL UNIQUE CHECK (name <> ''),
    kind          text NOT NULL CHECK (kind IN ('local', 'path', 's3')),
    path          text,                              -- kind path: a folder, say of a mounted network disk
    endpoint      text,                              -- kind s3: http(s)://host:port
    bucket        text,
    prefix        text NOT NULL DEFAULT '',          -- in front of every object's name
    region        text,
    access_key    text,
    secret_enc    bytea,                             -- Fernet, key in var/secrets.json
    after_days    integer CHECK (after_days >= 0),   -- footage this old moves here; null: age moves nothing
    above_percent smallint CHECK (above_percent BETWEEN 1 AND 99),  -- so does the oldest while the local disk is fuller
    rate_bytes_s  bigint CHECK (rate_bytes_s > 0),   -- no faster than this; null: as fast as it goes
    enabled       boolean NOT NULL DEFAULT true,     -- off: nothing moves here, what is here is still read
    problem       text,                              -- why the last try failed; null: it did not
    problem_since timestamptz,
    version       integer NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL DEFAULT now(),
    why           jsonb,                             -- the problem's code and what it names: {code, params}
    CHECK ((id = 0) = (kind = 'local')),
    CHECK ((position = 0) = (id = 0)),
    CHECK ((kind = 'path') = (path IS NOT NULL)),
    CHECK ((kind = 's3') = (endpoint IS NOT NULL)),
    CHECK ((endpoint IS NULL) = (bucket IS NULL))
);
INSERT INTO storage_tier (id, position, name, kind) VALUES (0, 0, 'local', 'local');

-- One recording file: fragmented MP4 = init (ftyp+uuid+moov), then per GOP a fragment (moof+mdat of the pictures,
-- then moof+mdat of their sound) and its seal. Fragment i lies at frag_offset[i], frag_length[i] bytes; it starts
-- frag_start_90k[i] after start_at and lasts frag_duration_90k[i], both in 1/90000 s.
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
    stream        text NOT NULL DEFAULT 'main' CHECK (stream IN ('main', 'sub')),  -- which of the camera's
    tier          smallint NOT NULL DEFAULT 0 REFERENCES storage_tier (id),   -- where the file lies
    audio_codec   text,                              -- mp4a.40.2, opus, alaw, ulaw; null: no sound track
    media_start_90k bigint,                          -- decode time of fragment 1, 1/90000 s since 2020; null: version 0.1.0
    frag_video_length integer[],                     -- bytes of the pictures in each fragment; null: all of it
    frag_key      boolean[],                         -- false: goes on with the GOP of the fragment before; null: all true
    frag_sha256   bytea,                             -- 32 bytes per fragment; null: recorded by version 0.1.0
    hole_start_90k integer[] NOT NULL DEFAULT '{}',  -- where more than a second of pictures is missing inside the
    hole_end_90k  integer[] NOT NULL DEFAULT '{}',   --   file: from, to after start_at
    chain_before  bytea CHECK (octet_length(chain_before) = 32),  -- last link of the camera's file before this one
    chain_after   bytea CHECK (octet_length(chain_after) = 32),   -- link of this file's last fragment
    clock_offset_s real,                             -- the camera's own clock minus ours at the file's start
    clock_error_s real,                              -- how far the capture times may be off
    class         text NOT NULL DEFAULT 'continuous' CHECK (class IN ('continuous', 'event', 'incident')),  -- what it shows; only rises
    CHECK (end_at >= start_at),
    CONSTRAINT segment_hashes CHECK (octet_length(frag_sha256) = 32 * cardinality(frag_offset)),
    CONSTRAINT segment_holes CHECK (cardinality(hole_start_90k) = cardinality(hole_end_90k))
);
CREATE INDEX segment_camera_time ON segment (camera_id, start_at);
-- What goes next, over all cameras and of one. No index holds end_at: it changes with every fragment.
CREATE INDEX segment_oldest ON segment (tier, class, start_at) WHERE NOT open;
CREATE INDEX segment_kept ON segment (camera_id, class, tier, start_at);

-- How long footage of each class is kept, over all cameras and tiers. Continuous footage has its camera's own days.
CREATE TABLE retention_class (
    class         text PRIMARY KEY CHECK (class IN ('continuous', 'event', 'incident')),
    days          integer CHECK (days > 0),
    bytes         bigint CHECK (bytes > 0),          -- above this the oldest of the class goes; null: no limit
    version       integer NOT NULL DEFAULT 1,
    CHECK ((class = 'continuous') = (days IS NULL))
);
INSERT INTO retention_class (class, days) VALUES ('continuous', NULL), ('event', 90), ('incident', 365);

-- What raises the class of the footage it overlaps: recorded already, being recorded, or not yet indexed.
CREATE TABLE footage_mark (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    from_at       timestamptz NOT NULL,
    to_at         timestamptz NOT NULL,
    class         text NOT NULL CHECK (class IN ('event', 'incident')),
    subject       text,                              -- 'incident:1042'; null for events, which join where they overlap
    changed_at    timestamptz NOT NULL DEFAULT now(),
    settled_at    timestamptz,                       -- since then only files indexed late need it
    CHECK (to_at > from_at),
    CHECK ((class = 'incident') = (subject IS NOT NULL))
);
CREATE INDEX footage_mark_time ON footage_mark (camera_id, to_at);
CREATE INDEX footage_mark_open ON footage_mark (camera_id) WHERE settled_at IS NULL;
CREATE UNIQUE INDEX footage_mark_subject ON footage_mark (camera_id, subject);

-- How much there is, kept by triggers on segment: nothing sums that table.
CREATE TABLE footage_total (
    tier          smallint NOT NULL REFERENCES storage_tier (id) ON DELETE CASCADE,
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    class         text NOT NULL,
    bytes         bigint NOT NULL CHECK (bytes >= 0),
    segments      integer NOT NULL CHECK (segments >= 0),
    oldest_at     timestamptz,                       -- start of the oldest; null: none
    PRIMARY KEY (tier, camera_id, class),
    CHECK ((segments = 0) = (oldest_at IS NULL))
) WITH (fillfactor = 50);

-- Files that no row names (any more): removed once due, tried again until they are gone.
CREATE TABLE footage_leftover (
    tier          smallint NOT NULL REFERENCES storage_tier (id),
    path          text NOT NULL,
    bytes         bigint NOT NULL,
    due_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tier, path)
);
CREATE INDEX footage_leftover_due ON footage_leftover (due_at);

-- Every change of a camera's recording, for the reasons of gaps. waiting: nothing speaks against footage but that
-- none has come yet. A row holds until the camera's next one.
CREATE TABLE camera_state_log (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    at            timestamptz NOT NULL,              -- since when
    state         text NOT NULL CHECK (state IN ('recording', 'waiting', 'missing')),
    reason        text CHECK (reason IN ('refused', 'unreachable', 'no_packets', 'no_key_frame', 'unsupported',
                                         'clock_step', 'disk_full', 'disk_slow', 'disk_failed', 'switched_off',
                                         'process_stopped', 'unknown')),
    detail        text NOT NULL DEFAULT '',          -- one sentence for people
    CONSTRAINT camera_state_log_reason CHECK ((state = 'missing') = (reason IS NOT NULL)),
    -- The same change sent twice counts once; the index also serves reading by time.
    CONSTRAINT camera_state_log_once UNIQUE NULLS NOT DISTINCT (camera_id, at, state, reason),
    why           jsonb                              -- the detail's code and what it names: {code, params}
);

-- When an ingest process lived. Outside every run nothing can have been recorded.
CREATE TABLE ingest_run (
    uid           uuid PRIMARY KEY,
    started_at    timestamptz NOT NULL,
    seen_at       timestamptz NOT NULL,              -- it was alive then, moved on every few seconds
    ended_at      timestamptz,                       -- ended in order; null: running, or killed after seen_at
    CHECK (seen_at >= started_at)
);
CREATE INDEX ingest_run_seen ON ingest_run (seen_at);

-- Footage that nothing may delete, and why: active until it is released or expires.
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
    kind          text NOT NULL DEFAULT 'incident' CHECK (kind IN ('incident', 'lock', 'legal')),
    expires_at    timestamptz,                       -- protects until then; null: until it is released
    owner         text,                              -- who answers for it; null: created_by
    released_by   text,
    release_reason text,
    version       integer NOT NULL DEFAULT 1,
    CHECK (to_at > from_at),
    CONSTRAINT evidence_hold_released CHECK (released_at IS NOT NULL OR (released_by IS NULL AND release_reason IS NULL))
);
CREATE INDEX evidence_hold_camera ON evidence_hold (camera_id, from_at) WHERE released_at IS NULL;
CREATE UNIQUE INDEX evidence_hold_once ON evidence_hold (camera_id, subject) WHERE released_at IS NULL;
CREATE INDEX evidence_hold_created ON evidence_hold (created_at);

-- Classes by rank: the lowest goes first.
CREATE FUNCTION footage_rank(class text) RETURNS integer LANGUAGE sql IMMUTABLE
    RETURN CASE class WHEN 'continuous' THEN 1 WHEN 'event' THEN 2 WHEN 'incident' THEN 3 END;

-- Exports of footage as evidence packages: asked for by the console, made by the exporter.
CREATE TABLE export_job (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    camera_ids    integer[] NOT NULL CHECK (cardinality(camera_ids) BETWEEN 1 AND 32),
    from_at       timestamptz NOT NULL,
    to_at         timestamptz NOT NULL,
    reason        text NOT NULL CHECK (reason <> ''),   -- why; it stands in the package's manifest
    mask          jsonb,                             -- {style, people, regions, sound}; null: pictures as recorded
    created_by    text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    state         text NOT NULL DEFAULT 'waiting'    -- expired: made once, its file deleted since
                  CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled', 'expired')),
    expected_bytes bigint NOT NULL,                  -- of footage, when it was asked for
    read_bytes    bigint NOT NULL DEFAULT 0,         -- of it so far
    message       text NOT NULL DEFAULT '',          -- one sentence: what is wrong, or what to know
    cancelled_by  text,                              -- who asked to stop it; the exporter then does
    started_at    timestamptz,
    finished_at   timestamptz,
    expires_at    timestamptz,                       -- the package is deleted then
    file_name     text,                              -- of the package in the exports folder
    bytes         bigint,
    manifest_sha256 text,                            -- hexadecimal: ties the audit log to the package
    fragments     integer,
    altered       integer,                           -- fragments that are not what was recorded
    unavailable   integer,                           -- stretches recorded but not to be read
    why           jsonb,                             -- the message's code and what it names: {code, params}
    CHECK (to_at > from_at),
    CHECK (state <> 'done' OR (file_name IS NOT NULL AND expires_at IS NOT NULL))
);
CREATE INDEX export_job_open ON export_job (id) WHERE state IN ('waiting', 'running', 'done');

-- Whether an active hold, or for a day an export that is not done, overlaps a camera's footage of a time.
CREATE FUNCTION footage_held(camera integer, first_at timestamptz, last_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE
    RETURN EXISTS (
        SELECT 1 FROM evidence_hold h
        WHERE h.camera_id = camera AND h.released_at IS NULL AND (h.expires_at IS NULL OR h.expires_at > now())
          AND h.from_at <= last_at AND h.to_at >= first_at)
    OR EXISTS (
        SELECT 1 FROM export_job e
        WHERE e.state IN ('waiting', 'running') AND e.created_at > now() - interval '1 day'
          AND camera = ANY(e.camera_ids) AND e.from_at <= last_at AND e.to_at >= first_at);

-- The last guard: whatever code asks for it, held footage stays.
CREATE FUNCTION refuse_held_footage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'recordings are deleted one by one, held ones never' USING ERRCODE = 'restrict_violation';
    END IF;
    IF footage_held(OLD.camera_id, OLD.start_at, OLD.end_at) THEN
        RAISE EXCEPTION 'recording ''%'' is held as evidence', OLD.path USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER segment_held BEFORE DELETE ON segment
    FOR EACH ROW EXECUTE FUNCTION refuse_held_footage();
CREATE TRIGGER segment_held_truncate BEFORE TRUNCATE ON segment
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_held_footage();

CREATE FUNCTION refuse_hold_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a hold is released, not deleted' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER evidence_hold_kept BEFORE DELETE ON evidence_hold
    FOR EACH ROW EXECUTE FUNCTION refuse_hold_deletion();
CREATE TRIGGER evidence_hold_kept_truncate BEFORE TRUNCATE ON evidence_hold
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_hold_deletion();

-- A hold waits for deletions under way, and they for it: whoever comes second sees what the first did. A file is
-- never as long as three hours.
CREATE FUNCTION take_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM segment s
    WHERE s.camera_id = NEW.camera_id AND s.start_at <= NEW.to_at AND s.start_at >= NEW.from_at - interval '3 hours'
      AND s.end_at >= NEW.from_at
    FOR KEY SHARE;
    IF NEW.kind = 'incident' THEN
        INSERT INTO footage_mark AS m (camera_id, from_at, to_at, class, subject)
        VALUES (NEW.camera_id, NEW.from_at, NEW.to_at, 'incident', NEW.subject)
        ON CONFLICT (camera_id, subject) DO UPDATE SET
            from_at = least(m.from_at, excluded.from_at), to_at = greatest(m.to_at, excluded.to_at),
            changed_at = now(), settled_at = NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER evidence_hold_taken AFTER INSERT OR UPDATE OF from_at, to_at, expires_at ON evidence_hold
    FOR EACH ROW EXECUTE FUNCTION take_hold();

-- A file that is indexed or closed takes the class of the marks that wait for it.
CREATE FUNCTION class_footage() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE marked text;
BEGIN
    SELECT m.class INTO marked FROM footage_mark m
    WHERE m.camera_id = NEW.camera_id AND m.to_at > NEW.start_at AND m.from_at < NEW.end_at
    ORDER BY footage_rank(m.class) DESC LIMIT 1;
    IF footage_rank(marked) > footage_rank(NEW.class) THEN
        NEW.class := marked;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER segment_class_added BEFORE INSERT ON segment
    FOR EACH ROW WHEN (NOT NEW.open) EXECUTE FUNCTION class_footage();
CREATE TRIGGER segment_class_closed BEFORE UPDATE ON segment
    FOR EACH ROW WHEN (OLD.open AND NOT NEW.open) EXECUTE FUNCTION class_footage();

-- The totals' rows are locked in one order, so that no two writers wait for each other; only then is what is left
-- looked at, with a fresh view.
CREATE TYPE footage_change AS (
    tier smallint, camera_id integer, class text, bytes bigint, segments integer,
    added_at timestamptz, removed_at timestamptz);

CREATE FUNCTION add_to_footage_total(changes footage_change[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO footage_total (tier, camera_id, class, bytes, segments)
    SELECT c.tier, c.camera_id, c.class, 0, 0 FROM unnest(changes) c WHERE c.segments > 0
    ON CONFLICT DO NOTHING;
    PERFORM 1 FROM footage_total t JOIN unnest(changes) c USING (tier, camera_id, class)
    ORDER BY t.tier, t.camera_id, t.class FOR UPDATE OF t;
    UPDATE footage_total t SET
        bytes = t.bytes + c.bytes,
        segments = t.segments + c.segments,
        oldest_at = CASE
            WHEN c.removed_at IS NULL OR c.removed_at > t.oldest_at THEN least(t.oldest_at, c.added_at)
            ELSE (SELECT min(s.start_at) FROM segment s
                  WHERE s.camera_id = c.camera_id AND s.class = c.class AND s.tier = c.tier) END
    FROM unnest(changes) c WHERE t.tier = c.tier AND t.camera_id = c.camera_id AND t.class = c.class;
END $$;

CREATE FUNCTION count_footage() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE changes footage_change[];
BEGIN
    CASE TG_OP
    WHEN 'INSERT' THEN
        SELECT array_agg(g::footage_change) INTO changes FROM (
            SELECT tier, camera_id, class, sum(bytes)::bigint, count(*)::integer, min(start_at), NULL::timestamptz
            FROM added GROUP BY tier, camera_id, class) g;
    WHEN 'DELETE' THEN
        SELECT array_agg(g::footage_change) INTO changes FROM (
            SELECT tier, camera_id, class, -sum(bytes)::bigint, -count(*)::integer, NULL::timestamptz, min(start_at)
            FROM removed GROUP BY tier, camera_id, class) g;
    ELSE
        SELECT array_agg(g::footage_change) INTO changes FROM (
            SELECT tier, camera_id, class, sum(bytes)::bigint, sum(n)::integer, min(added_at), min(removed_at)
            FROM (
                SELECT a.tier, a.camera_id, a.class, a.bytes, 1 AS n, a.start_at AS added_at,
                       NULL::timestamptz AS removed_at FROM added a
                UNION ALL
                SELECT r.tier, r.camera_id, r.class, -r.bytes, -1, NULL,
                       CASE WHEN (a.tier, a.camera_id, a.class, a.start_at)
                              IS DISTINCT FROM (r.tier, r.camera_id, r.class, r.start_at) THEN r.start_at END
                FROM removed r JOIN added a USING (id)) both_sides
            GROUP BY tier, camera_id, class
            HAVING sum(bytes) <> 0 OR sum(n) <> 0 OR count(removed_at) > 0) g;
    END CASE;
    IF changes IS NOT NULL THEN
        PERFORM add_to_footage_total(changes);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER segment_count_added AFTER INSERT ON segment
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_footage();
CREATE TRIGGER segment_count_changed AFTER UPDATE ON segment
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_footage();
CREATE TRIGGER segment_count_removed AFTER DELETE ON segment
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_footage();

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

-- What the system says of itself that someone must look at. NOTIFY 'system_event' carries the id.
CREATE TABLE system_event (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cause         text NOT NULL CHECK (cause LIKE 'system:%'),   -- what repeats fold on, e.g. 'system:disk:0'
    kind          text NOT NULL CHECK (kind IN ('disk_warn', 'disk_alarm', 'disk_short', 'disk_locked', 'tier_lost',
                                                'camera_lost')),
    subject       text NOT NULL,                     -- the tier's or camera's name
    camera_id     integer REFERENCES camera (id),
    at            timestamptz NOT NULL,
    value         double precision,                  -- percent full, or seconds lost
    limit_value   double precision,
    priority      smallint NOT NULL CHECK (priority BETWEEN 1 AND 4),
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX system_event_time ON system_event (at);

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
CREATE FUNCTION notify_camera_of_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('camera', NEW.camera_id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER ptz_state_new AFTER INSERT ON ptz_state
    FOR EACH ROW EXECUTE FUNCTION notify_camera_of_row();
CREATE TRIGGER ptz_state_changed AFTER UPDATE ON ptz_state
    FOR EACH ROW WHEN (OLD.state <> NEW.state OR OLD.preset IS DISTINCT FROM NEW.preset)
    EXECUTE FUNCTION notify_camera_of_row();
CREATE TRIGGER system_event_notify AFTER INSERT ON system_event
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('system_event');
CREATE TRIGGER export_job_notify AFTER INSERT OR UPDATE OF state, cancelled_by ON export_job
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('export_job');

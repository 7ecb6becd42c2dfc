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

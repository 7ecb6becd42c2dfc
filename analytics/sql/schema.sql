-- analytics: what is watched for, what was seen, and where on the ground.

-- A zone (polygon) or a line: in one camera's picture, normalised coordinates 0..1, origin top left, or on the map for
-- every camera that sees the spot.
CREATE TABLE zone (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    camera_id     integer REFERENCES camera (id) ON DELETE CASCADE,  -- null: drawn on the map
    name          text NOT NULL CHECK (name <> ''),
    name_en       text,
    rule          text NOT NULL,
    points        double precision[] NOT NULL,       -- x0, y0, x1, y1, ...; a line has two points
    classes       text[] NOT NULL DEFAULT '{person}',-- person, vehicle, other
    dwell_s       real NOT NULL DEFAULT 0 CHECK (dwell_s >= 0),
    direction     text NOT NULL DEFAULT 'both' CHECK (direction IN ('both', 'left_to_right', 'right_to_left')),
    priority      smallint NOT NULL DEFAULT 2 CHECK (priority BETWEEN 1 AND 4),
    rearm_s       real NOT NULL DEFAULT 30,          -- the same cause within this time is the same event
    enabled       boolean NOT NULL DEFAULT true,
    version       integer NOT NULL DEFAULT 1,
    arrow         double precision[],                -- x0, y0, x1, y1: way of traffic, or a gauge from bottom to top
    schedule      integer[] NOT NULL DEFAULT '{}',   -- from, to, ...: minutes of the local week, Monday 00:00 = 0; empty: always
    min_size_m    real NOT NULL DEFAULT 0 CHECK (min_size_m >= 0),  -- smaller things do not count
    threshold     real,                              -- it fires here; null: the rule's own
    clear         real,                              -- it is over here; null: the rule's own
    gauge_m       real[] CHECK (array_length(gauge_m, 1) = 2),      -- what a gauge reads at the arrow's ends
    ground        double precision[],                -- lon0, lat0, ...: drawn on the map
    preset        text CHECK (preset <> ''),         -- drawn for this preset of a camera that turns; null: for its home
    CONSTRAINT zone_rule CHECK (rule IN (
        'intrusion', 'line_crossing', 'wrong_way', 'loitering', 'people_count', 'crowd_density',
        'abnormal_motion', 'fast_motion', 'stopped_vehicle', 'congestion', 'left_object', 'removed_object',
        'smoke', 'fire', 'water_on_road', 'water_level', 'camera_occluded', 'camera_blurred',
        'camera_moved', 'camera_dark', 'camera_frozen')),
    CONSTRAINT zone_drawn CHECK (array_length(points, 1) % 2 = 0 AND array_length(ground, 1) % 2 = 0
        AND array_length(arrow, 1) = 4 AND array_length(schedule, 1) % 2 = 0),
    CONSTRAINT zone_one_place CHECK ((camera_id IS NULL) = (ground IS NOT NULL)
        AND (camera_id IS NOT NULL OR points = '{}'))
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

-- A region of a camera's picture that analytics never sees: blacked out before anything is made of the picture.
CREATE TABLE privacy_mask (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    name          text NOT NULL CHECK (name <> ''),
    points        double precision[] NOT NULL CHECK (array_length(points, 1) >= 6 AND array_length(points, 1) % 2 = 0),
    preset        text,                              -- of a camera that turns: holds there; null: wherever it looks
    version       integer NOT NULL DEFAULT 1,
    enabled       boolean NOT NULL DEFAULT true      -- off: it hides nothing until somebody switches it on again
);
CREATE INDEX privacy_mask_camera ON privacy_mask (camera_id);
CREATE TRIGGER privacy_mask_notify AFTER INSERT OR UPDATE ON privacy_mask
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('privacy_mask');
CREATE TRIGGER privacy_mask_gone_notify AFTER DELETE ON privacy_mask
    FOR EACH ROW EXECUTE FUNCTION notify_old_row_id('privacy_mask');

-- Where in a camera's picture a zone sees nothing: what a tree does there is no event. For rules over tracks.
CREATE TABLE zone_ignore (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    zone_id       integer NOT NULL REFERENCES zone (id) ON DELETE CASCADE,
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,  -- a zone on the map has many
    points        double precision[] NOT NULL,       -- x0, y0, x1, y1, ... of an area in the picture, normalised
    made_by       text NOT NULL,
    made_at       timestamptz NOT NULL,
    CONSTRAINT zone_ignore_area CHECK (array_length(points, 1) >= 6 AND array_length(points, 1) % 2 = 0)
);
CREATE INDEX zone_ignore_zone ON zone_ignore (zone_id);
CREATE FUNCTION notify_ignoring_zone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('zone', coalesce(NEW.zone_id, OLD.zone_id)::text);
    RETURN NULL;
END $$;
CREATE TRIGGER zone_ignore_notify AFTER INSERT OR UPDATE OR DELETE ON zone_ignore
    FOR EACH ROW EXECUTE FUNCTION notify_ignoring_zone();

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
    path          geometry(LineString, 4326),        -- ground path; null where the pose is unknown or too uncertain
    label         text,                              -- what a detector calls it: car, bus, bicycle
    colour        text CHECK (colour IN (
        'black', 'white', 'gray', 'red', 'orange', 'yellow', 'green', 'blue', 'purple', 'brown')),
    heading_deg   real CHECK (heading_deg >= 0 AND heading_deg < 360),  -- from where it came to where it went
    standing_s    real NOT NULL DEFAULT 0,           -- the longest it stood in one place
    snapshot      text,                              -- its best picture, relative to the snapshots folder
    look          real[],                            -- appearance by a model, length 1; null: no model
    cells         bit(144),                          -- what its foot passed of the 16×9 cells; null: written by an older version
    stands        real[]                             -- where it stood for 10 s or more: from and to in s, foot x, y, width, height; null: nowhere
);
-- Search reads this index alone, a camera-month at a time, and fetches the rows of a page only.
CREATE INDEX track_search ON track (camera_id, start_at)
    INCLUDE (id, end_at, kind, label, colour, heading_deg, speed_ms, cells);
CREATE INDEX track_stands ON track (camera_id, start_at) INCLUDE (id, end_at, kind, label, colour)
    WHERE stands IS NOT NULL;
CREATE INDEX track_path ON track USING gist (path);
-- What was there at a moment, of all cameras: what began shortly before, and the few that last.
CREATE INDEX track_time ON track (start_at);
CREATE INDEX track_long ON track (end_at) INCLUDE (id, camera_id, start_at) WHERE end_at - start_at > interval '10 min';

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
    why_en        text NOT NULL,
    value         real,                              -- what it fired on: a count, m/s, metres
    nowhere       text CHECK (nowhere IN ('no_pose', 'turned_away', 'above_horizon', 'too_far', 'feet_hidden')),  -- why no geom
    nowhere_m     real,                              -- too_far: how far off the place might be
    over_at       timestamptz                        -- since when it is over; null: still so, or over at once
);
CREATE INDEX event_camera_time ON event (camera_id, at);
CREATE INDEX event_time ON event (at);
CREATE INDEX event_geom ON event USING gist (geom);
CREATE INDEX event_track ON event (track_uid);       -- which tracks belong to an event
CREATE INDEX event_going_on ON event (camera_id, rule) WHERE over_at IS NULL AND rule LIKE 'camera\_%';
CREATE TRIGGER event_notify AFTER INSERT ON event
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('event');

-- The motion index: a minute in which something moved. Quiet minutes have no row; whether a minute was looked at at all
-- stands in motion_watched. A grid is 16×9 cells over the picture, row by row from the top left, one bit each.
CREATE TABLE motion_minute (
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    minute_at     timestamptz NOT NULL,              -- its beginning
    cells         bit(144) NOT NULL,                 -- all its seconds' grids together: what a search filters by
    seconds       bit(60) NOT NULL,                  -- in which seconds anything moved
    grids         bytea NOT NULL,                    -- deflated: the grids of those seconds, 18 bytes each
    PRIMARY KEY (camera_id, minute_at)
);

-- When a camera's picture was looked at: outside of it nothing is known of motion.
CREATE TABLE motion_watched (
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    from_at       timestamptz NOT NULL,
    to_at         timestamptz NOT NULL,              -- grows while it goes on
    PRIMARY KEY (camera_id, from_at),
    CHECK (to_at > from_at)
);

-- What people said of an event after looking at it; everybody sees it. A false alarm's reason goes into the rates of
-- false alarms beside the dismissed alarms'.
CREATE TABLE event_mark (
    event_id      bigint PRIMARY KEY REFERENCES event (id) ON DELETE CASCADE,
    mark          text CHECK (mark IN ('important', 'false')),   -- null: taken back, or a note only
    reason        text,                              -- of a false one: light, weather, tree, animal, reflection, wrong_kind, allowed, other
    note          text NOT NULL DEFAULT '',
    marked_by     text NOT NULL,                     -- who said so last
    marked_at     timestamptz NOT NULL DEFAULT now(),
    version       integer NOT NULL DEFAULT 1,
    CONSTRAINT event_mark_reason CHECK ((mark IS NOT DISTINCT FROM 'false') = (reason IS NOT NULL))
);
CREATE INDEX event_mark_time ON event_mark (marked_at);

-- A model file, kept under var/models by its checksum, with the licence it may be used under. NOTIFY 'model'.
CREATE TABLE model (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL UNIQUE CHECK (name <> ''),
    sha256        text NOT NULL UNIQUE CHECK (sha256 ~ '^[0-9a-f]{64}$'),   -- of the file; also its name on disk
    purpose       text NOT NULL CHECK (purpose IN ('detect', 'look')),
    family        text NOT NULL CHECK (family IN ('yolox', 'nanodet', 'picodet', 'persons', 'look')),
    width_px      integer NOT NULL CHECK (width_px > 0),
    height_px     integer NOT NULL CHECK (height_px > 0),
    classes       text[] NOT NULL,                   -- in the model's order; empty for a look
    size_bytes    bigint NOT NULL CHECK (size_bytes > 0),
    licence       text NOT NULL CHECK (licence <> ''),
    source        text,                              -- where the file came from
    active        boolean NOT NULL DEFAULT false,    -- asked at the moment
    added_by      text NOT NULL,
    added_at      timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX model_one_active ON model (purpose) WHERE active;
CREATE TRIGGER model_notify AFTER INSERT OR UPDATE ON model
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('model');
CREATE TRIGGER model_gone_notify AFTER DELETE ON model
    FOR EACH ROW EXECUTE FUNCTION notify_old_row_id('model');

-- A proposal that two cameras' tracks are of one thing: it left the one's ground and entered the other's. People decide.
CREATE TABLE track_link (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    from_uid      uuid NOT NULL REFERENCES track (uid) ON DELETE CASCADE,
    to_uid        uuid NOT NULL REFERENCES track (uid) ON DELETE CASCADE,
    probability   real NOT NULL CHECK (probability BETWEEN 0 AND 1),
    gap_s         real NOT NULL,                     -- unseen between the two; negative where both saw it
    distance_m    real NOT NULL CHECK (distance_m >= 0),
    why           text NOT NULL,                     -- one sentence, zh-CN
    why_en        text NOT NULL,
    made_at       timestamptz NOT NULL,              -- last reckoned
    decision      text CHECK (decision IN ('confirmed', 'rejected')),
    decided_by    text,
    decided_at    timestamptz,
    UNIQUE (from_uid, to_uid),
    CONSTRAINT track_link_two CHECK (from_uid <> to_uid),
    CONSTRAINT track_link_decided CHECK ((decision IS NULL) = (decided_by IS NULL)
        AND (decision IS NULL) = (decided_at IS NULL))
);
CREATE INDEX track_link_to ON track_link (to_uid);

-- How many went over a line, in quarters of an hour; counted whether an event was made of it or not.
CREATE TABLE crossing_count (
    zone_id       integer NOT NULL REFERENCES zone (id) ON DELETE CASCADE,
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,  -- a line on the map is counted by several
    from_at       timestamptz NOT NULL,              -- the quarter's beginning
    direction     text NOT NULL CHECK (direction IN ('left_to_right', 'right_to_left')),
    kind          text NOT NULL CHECK (kind IN ('person', 'vehicle', 'other')),
    count         integer NOT NULL CHECK (count > 0),
    PRIMARY KEY (zone_id, camera_id, from_at, direction, kind)
);

-- What a gauge in the picture (a zone of the rule water_level) read, every half minute and whenever it changed.
CREATE TABLE gauge_reading (
    zone_id       integer NOT NULL REFERENCES zone (id) ON DELETE CASCADE,
    at            timestamptz NOT NULL,
    level_m       real NOT NULL,
    PRIMARY KEY (zone_id, at)
);

-- Cameras that must be worked on to the last when there is too much to do: those near an open incident. Command writes it.
CREATE TABLE camera_attention (
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    why           text NOT NULL,                     -- what for, such as incident:12
    until         timestamptz NOT NULL,              -- moved on while that lasts; of no effect afterwards
    PRIMARY KEY (camera_id, why)
);

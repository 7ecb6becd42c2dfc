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

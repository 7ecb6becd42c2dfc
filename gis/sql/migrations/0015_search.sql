-- Search and review: what moved where, when it was watched, which cells a track passed, what people said of events.
CREATE TABLE motion_minute (
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    minute_at     timestamptz NOT NULL,
    cells         bit(144) NOT NULL,
    seconds       bit(60) NOT NULL,
    grids         bytea NOT NULL,
    PRIMARY KEY (camera_id, minute_at)
);
CREATE TABLE motion_watched (
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    from_at       timestamptz NOT NULL,
    to_at         timestamptz NOT NULL,
    PRIMARY KEY (camera_id, from_at),
    CHECK (to_at > from_at)
);

ALTER TABLE track
    ADD COLUMN cells bit(144),
    ADD COLUMN stands real[];
CREATE INDEX track_search ON track (camera_id, start_at)
    INCLUDE (id, end_at, kind, label, colour, heading_deg, speed_ms, cells);
DROP INDEX track_camera_time;
CREATE INDEX track_stands ON track (camera_id, start_at) INCLUDE (id, end_at, kind, label, colour)
    WHERE stands IS NOT NULL;
CREATE INDEX track_time ON track (start_at);
CREATE INDEX track_long ON track (end_at) INCLUDE (id, camera_id, start_at) WHERE end_at - start_at > interval '10 min';
CREATE INDEX event_track ON event (track_uid);

CREATE TABLE event_mark (
    event_id      bigint PRIMARY KEY REFERENCES event (id) ON DELETE CASCADE,
    mark          text CHECK (mark IN ('important', 'false')),
    reason        text,
    note          text NOT NULL DEFAULT '',
    marked_by     text NOT NULL,
    marked_at     timestamptz NOT NULL DEFAULT now(),
    version       integer NOT NULL DEFAULT 1,
    CONSTRAINT event_mark_reason CHECK ((mark IS NOT DISTINCT FROM 'false') = (reason IS NOT NULL))
);
CREATE INDEX event_mark_time ON event_mark (marked_at);

CREATE TABLE event_seen (
    user_id       integer NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    event_id      bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    at            timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, event_id)
);
CREATE INDEX event_seen_event ON event_seen (event_id);

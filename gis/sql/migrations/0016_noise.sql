-- Less noise: why an alarm was dismissed, what a zone ignores in a camera's picture, what was decided about proposals.
ALTER TABLE alarm
    ADD COLUMN dismiss_code text,
    ADD CONSTRAINT alarm_dismiss_code CHECK (dismiss_code IS NULL OR (state = 'dismissed' AND dismiss_code IN (
        'tree', 'weather', 'light', 'animal', 'insect', 'reflection', 'shake', 'other_false',
        'staff', 'allowed', 'exercise', 'other')));
CREATE INDEX alarm_decided ON alarm (handled_at) WHERE state IN ('dismissed', 'linked', 'cleared');

CREATE TABLE zone_ignore (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    zone_id       integer NOT NULL REFERENCES zone (id) ON DELETE CASCADE,
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    points        double precision[] NOT NULL,
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

CREATE TABLE noise_decision (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    rule          text NOT NULL,
    zone_id       integer REFERENCES zone (id) ON DELETE CASCADE,
    kind          text NOT NULL CHECK (kind IN ('ignore', 'min_size', 'dwell', 'threshold', 'schedule')),
    outcome       text NOT NULL CHECK (outcome IN ('applied', 'declined')),
    detail        jsonb NOT NULL,
    decided_by    text NOT NULL,
    decided_at    timestamptz NOT NULL
);
CREATE INDEX noise_decision_of ON noise_decision (camera_id, rule, decided_at);

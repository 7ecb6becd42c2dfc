-- Analytics: regions of a picture that it never sees, and events that end.
CREATE TABLE privacy_mask (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    name          text NOT NULL CHECK (name <> ''),
    points        double precision[] NOT NULL CHECK (array_length(points, 1) >= 6 AND array_length(points, 1) % 2 = 0),
    preset        text,
    version       integer NOT NULL DEFAULT 1
);
CREATE INDEX privacy_mask_camera ON privacy_mask (camera_id);
CREATE TRIGGER privacy_mask_notify AFTER INSERT OR UPDATE ON privacy_mask
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('privacy_mask');
CREATE TRIGGER privacy_mask_gone_notify AFTER DELETE ON privacy_mask
    FOR EACH ROW EXECUTE FUNCTION notify_old_row_id('privacy_mask');

ALTER TABLE event ADD COLUMN over_at timestamptz;
CREATE INDEX event_going_on ON event (camera_id, rule) WHERE over_at IS NULL AND rule LIKE 'camera\_%';

-- Pan-tilt-zoom by ONVIF: where a camera returns to, and who turns it now.
ALTER TABLE camera
    ADD COLUMN ptz_home text,
    ADD COLUMN ptz_home_after_s integer NOT NULL DEFAULT 60 CHECK (ptz_home_after_s >= 30),
    ADD CONSTRAINT camera_ptz_there CHECK (onvif_url IS NOT NULL OR NOT ptz);

-- Who turns each camera now; a row without a holder is free. One row per camera that was ever turned, so that two
-- people who ask at once meet on its lock.
CREATE TABLE ptz_lock (
    camera_id     integer PRIMARY KEY REFERENCES camera (id) ON DELETE CASCADE,
    user_id       integer REFERENCES app_user (id) ON DELETE CASCADE,
    priority      smallint CHECK (priority BETWEEN 1 AND 3),   -- admin 1, dispatcher 2, commander 3
    since         timestamptz,
    until         timestamptz CHECK (until > since),           -- renewed by every use
    taken_from    integer REFERENCES app_user (id) ON DELETE SET NULL,  -- whose hold this one ended
    moved_at      timestamptz,                                 -- last turned; null: stands at its home
    CONSTRAINT ptz_lock_whole CHECK (num_nulls(user_id, priority, since, until) IN (0, 4))
);
CREATE FUNCTION notify_camera_of_ptz() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('camera', NEW.camera_id::text);
    RETURN NULL;
END $$;
-- A new holder shows on every screen at once; a renewal, several a second, tells nobody anything.
CREATE TRIGGER ptz_lock_notify AFTER UPDATE ON ptz_lock
    FOR EACH ROW WHEN (OLD.user_id IS DISTINCT FROM NEW.user_id) EXECUTE FUNCTION notify_camera_of_ptz();

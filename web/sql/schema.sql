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
-- A new holder shows on every screen at once; a renewal, several a second, tells nobody anything.
CREATE TRIGGER ptz_lock_notify AFTER UPDATE ON ptz_lock
    FOR EACH ROW WHEN (OLD.user_id IS DISTINCT FROM NEW.user_id) EXECUTE FUNCTION notify_camera_of_row();

-- Which events each person has looked at: what is not here is in their review queue.
CREATE TABLE event_seen (
    user_id       integer NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    event_id      bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    at            timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, event_id)
);
CREATE INDEX event_seen_event ON event_seen (event_id);

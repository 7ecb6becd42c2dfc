-- Footage in classes and tiers, running totals, holds that end, and alarms of the system itself.

CREATE TABLE storage_tier (
    id            smallint PRIMARY KEY CHECK (id >= 0),
    position      smallint NOT NULL UNIQUE CHECK (position >= 0),
    name          text NOT NULL UNIQUE CHECK (name <> ''),
    kind          text NOT NULL CHECK (kind IN ('local', 'path', 's3')),
    path          text,
    endpoint      text,
    bucket        text,
    prefix        text NOT NULL DEFAULT '',
    region        text,
    access_key    text,
    secret_enc    bytea,
    after_days    integer CHECK (after_days >= 0),
    above_percent smallint CHECK (above_percent BETWEEN 1 AND 99),
    rate_bytes_s  bigint CHECK (rate_bytes_s > 0),
    enabled       boolean NOT NULL DEFAULT true,
    problem       text,
    problem_since timestamptz,
    version       integer NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CHECK ((id = 0) = (kind = 'local')),
    CHECK ((position = 0) = (id = 0)),
    CHECK ((kind = 'path') = (path IS NOT NULL)),
    CHECK ((kind = 's3') = (endpoint IS NOT NULL)),
    CHECK ((endpoint IS NULL) = (bucket IS NULL))
);
INSERT INTO storage_tier (id, position, name, kind) VALUES (0, 0, 'local', 'local');

ALTER TABLE segment
    ADD COLUMN class text NOT NULL DEFAULT 'continuous' CHECK (class IN ('continuous', 'event', 'incident')),
    ADD CONSTRAINT segment_tier_fkey FOREIGN KEY (tier) REFERENCES storage_tier (id);
DROP INDEX segment_time;
CREATE INDEX segment_oldest ON segment (tier, class, start_at) WHERE NOT open;
CREATE INDEX segment_kept ON segment (camera_id, class, tier, start_at);

CREATE TABLE retention_class (
    class         text PRIMARY KEY CHECK (class IN ('continuous', 'event', 'incident')),
    days          integer CHECK (days > 0),
    bytes         bigint CHECK (bytes > 0),
    version       integer NOT NULL DEFAULT 1,
    CHECK ((class = 'continuous') = (days IS NULL))
);
INSERT INTO retention_class (class, days) VALUES ('continuous', NULL), ('event', 90), ('incident', 365);

CREATE TABLE footage_mark (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    from_at       timestamptz NOT NULL,
    to_at         timestamptz NOT NULL,
    class         text NOT NULL CHECK (class IN ('event', 'incident')),
    subject       text,
    changed_at    timestamptz NOT NULL DEFAULT now(),
    settled_at    timestamptz,
    CHECK (to_at > from_at),
    CHECK ((class = 'incident') = (subject IS NOT NULL))
);
CREATE INDEX footage_mark_time ON footage_mark (camera_id, to_at);
CREATE INDEX footage_mark_open ON footage_mark (camera_id) WHERE settled_at IS NULL;
CREATE UNIQUE INDEX footage_mark_subject ON footage_mark (camera_id, subject);

CREATE TABLE footage_total (
    tier          smallint NOT NULL REFERENCES storage_tier (id) ON DELETE CASCADE,
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    class         text NOT NULL,
    bytes         bigint NOT NULL CHECK (bytes >= 0),
    segments      integer NOT NULL CHECK (segments >= 0),
    oldest_at     timestamptz,
    PRIMARY KEY (tier, camera_id, class),
    CHECK ((segments = 0) = (oldest_at IS NULL))
) WITH (fillfactor = 50);

CREATE TABLE footage_leftover (
    tier          smallint NOT NULL REFERENCES storage_tier (id),
    path          text NOT NULL,
    bytes         bigint NOT NULL,
    due_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tier, path)
);
CREATE INDEX footage_leftover_due ON footage_leftover (due_at);

ALTER TABLE evidence_hold
    ADD COLUMN kind text NOT NULL DEFAULT 'incident' CHECK (kind IN ('incident', 'lock', 'legal')),
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN owner text,
    ADD COLUMN released_by text,
    ADD COLUMN release_reason text,
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD CONSTRAINT evidence_hold_released CHECK (released_at IS NOT NULL OR (released_by IS NULL AND release_reason IS NULL));
CREATE INDEX evidence_hold_created ON evidence_hold (created_at);

CREATE FUNCTION footage_rank(class text) RETURNS integer LANGUAGE sql IMMUTABLE
    RETURN CASE class WHEN 'continuous' THEN 1 WHEN 'event' THEN 2 WHEN 'incident' THEN 3 END;

CREATE FUNCTION footage_held(camera integer, first_at timestamptz, last_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE
    RETURN EXISTS (
        SELECT 1 FROM evidence_hold h
        WHERE h.camera_id = camera AND h.released_at IS NULL AND (h.expires_at IS NULL OR h.expires_at > now())
          AND h.from_at <= last_at AND h.to_at >= first_at);

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

-- What is there already: counted, and marked so that it takes its class within seconds.
INSERT INTO footage_total (tier, camera_id, class, bytes, segments, oldest_at)
SELECT tier, camera_id, class, sum(bytes), count(*), min(start_at) FROM segment GROUP BY tier, camera_id, class;
INSERT INTO footage_mark (camera_id, from_at, to_at, class, subject)
SELECT camera_id, min(from_at), max(to_at), 'incident', subject FROM evidence_hold GROUP BY camera_id, subject;
INSERT INTO footage_mark (camera_id, from_at, to_at, class)
SELECT camera_id, at - interval '10 seconds', at + interval '30 seconds', 'event' FROM event;

CREATE TABLE system_event (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cause         text NOT NULL CHECK (cause LIKE 'system:%'),
    kind          text NOT NULL CHECK (kind IN ('disk_warn', 'disk_alarm', 'disk_short', 'disk_locked', 'tier_lost',
                                                'camera_lost')),
    subject       text NOT NULL,
    camera_id     integer REFERENCES camera (id),
    at            timestamptz NOT NULL,
    value         double precision,
    limit_value   double precision,
    priority      smallint NOT NULL CHECK (priority BETWEEN 1 AND 4),
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX system_event_time ON system_event (at);
CREATE TRIGGER system_event_notify AFTER INSERT ON system_event
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('system_event');

ALTER TABLE alarm DROP CONSTRAINT alarm_check;
ALTER TABLE alarm RENAME CONSTRAINT alarm_check1 TO alarm_linked;
ALTER TABLE alarm RENAME CONSTRAINT alarm_check2 TO alarm_dismissed;
ALTER TABLE alarm
    ADD COLUMN system_event_id bigint REFERENCES system_event (id),
    ADD CONSTRAINT alarm_one_source CHECK (num_nonnulls(event_id, device_event_id, system_event_id) = 1);
ALTER TABLE alarm_event DROP CONSTRAINT alarm_event_check;
ALTER TABLE alarm_event
    ADD COLUMN system_event_id bigint REFERENCES system_event (id),
    ADD CONSTRAINT alarm_event_one_source CHECK (num_nonnulls(event_id, device_event_id, system_event_id) = 1);
CREATE UNIQUE INDEX alarm_system_event_once ON alarm_event (system_event_id) WHERE system_event_id IS NOT NULL;

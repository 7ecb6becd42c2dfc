-- Exports of footage as evidence packages: asked for by the console, made by the exporter.
CREATE TABLE export_job (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    camera_ids    integer[] NOT NULL CHECK (cardinality(camera_ids) BETWEEN 1 AND 32),
    from_at       timestamptz NOT NULL,
    to_at         timestamptz NOT NULL,
    reason        text NOT NULL CHECK (reason <> ''),
    mask          jsonb,
    created_by    text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    state         text NOT NULL DEFAULT 'waiting'
                  CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled', 'expired')),
    expected_bytes bigint NOT NULL,
    read_bytes    bigint NOT NULL DEFAULT 0,
    message       text NOT NULL DEFAULT '',
    cancelled_by  text,
    started_at    timestamptz,
    finished_at   timestamptz,
    expires_at    timestamptz,
    file_name     text,
    bytes         bigint,
    manifest_sha256 text,
    fragments     integer,
    altered       integer,
    unavailable   integer,
    CHECK (to_at > from_at),
    CHECK (state <> 'done' OR (file_name IS NOT NULL AND expires_at IS NOT NULL))
);
CREATE INDEX export_job_open ON export_job (id) WHERE state IN ('waiting', 'running', 'done');
CREATE TRIGGER export_job_notify AFTER INSERT OR UPDATE OF state, cancelled_by ON export_job
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('export_job');

-- What is being exported is not deleted under it, for a day.
CREATE OR REPLACE FUNCTION footage_held(camera integer, first_at timestamptz, last_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE
    RETURN EXISTS (
        SELECT 1 FROM evidence_hold h
        WHERE h.camera_id = camera AND h.released_at IS NULL AND (h.expires_at IS NULL OR h.expires_at > now())
          AND h.from_at <= last_at AND h.to_at >= first_at)
    OR EXISTS (
        SELECT 1 FROM export_job e
        WHERE e.state IN ('waiting', 'running') AND e.created_at > now() - interval '1 day'
          AND camera = ANY(e.camera_ids) AND e.from_at <= last_at AND e.to_at >= first_at);

-- name: ledger_save_changes
-- Changes of cameras' recording, from a JSON array; the same one twice counts once, cameras deleted meanwhile are
-- passed over.
INSERT INTO camera_state_log (camera_id, at, state, reason, detail, why)
SELECT r.camera_id, r.at, r.state, r.reason, r.detail, r.why
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (
    camera_id integer, at timestamptz, state text, reason text, detail text, why jsonb)
JOIN camera c ON c.id = r.camera_id
ON CONFLICT ON CONSTRAINT camera_state_log_once DO NOTHING

-- name: ledger_save_runs
-- When processes lived, from a JSON array; a later word of the same one moves its end on.
INSERT INTO ingest_run (uid, started_at, seen_at, ended_at)
SELECT r.uid, r.started_at, r.seen_at, r.ended_at
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (
    uid uuid, started_at timestamptz, seen_at timestamptz, ended_at timestamptz)
ON CONFLICT (uid) DO UPDATE SET
    seen_at = greatest(ingest_run.seen_at, excluded.seen_at),
    ended_at = coalesce(excluded.ended_at, ingest_run.ended_at)

-- name: ledger_forget_changes
-- Changes so old that no footage of their time is left.
DELETE FROM camera_state_log WHERE at < %(before)s

-- name: ledger_forget_runs
-- Processes of that time, but for the first one: from it on the times of all are known.
DELETE FROM ingest_run
WHERE seen_at < %(before)s AND started_at > (SELECT min(started_at) FROM ingest_run)

-- name: ledger_cameras
-- Since when cameras are there.
SELECT id, code, created_at FROM camera WHERE id = ANY(%(camera_ids)s) ORDER BY code

-- name: ledger_recorded
-- When the cameras were recorded within a window, with the holes in each file, by camera and time; the arrays of
-- fragments are not touched. No file lasts a day.
SELECT camera_id, start_at, end_at, hole_start_90k, hole_end_90k FROM segment
WHERE camera_id = ANY(%(camera_ids)s) AND start_at < %(to_at)s AND end_at > %(from_at)s
  AND start_at > %(from_at)s::timestamptz - interval '1 day'
ORDER BY camera_id, start_at

-- name: ledger_entries
-- What the ledger says of the cameras within a window, and the last word before it, by camera and time.
SELECT l.camera_id, l.at, l.state, l.reason, l.detail, l.why
FROM unnest(%(camera_ids)s::integer[]) AS wanted (id)
CROSS JOIN LATERAL (
    (SELECT * FROM camera_state_log
     WHERE camera_id = wanted.id AND at <= %(from_at)s ORDER BY at DESC, id DESC LIMIT 1)
    UNION ALL
    (SELECT * FROM camera_state_log
     WHERE camera_id = wanted.id AND at > %(from_at)s AND at < %(to_at)s)
) l
ORDER BY l.camera_id, l.at, l.id

-- name: ledger_runs
-- When processes lived within a window; one that beats now lives on.
SELECT started_at, coalesce(ended_at, seen_at) AS end_at, ended_at IS NULL AS open FROM ingest_run
WHERE coalesce(ended_at, seen_at) > %(from_at)s::timestamptz - interval '1 minute' AND started_at < %(to_at)s
ORDER BY started_at

-- name: ledger_known_since
-- The start of the first process that wrote itself down.
SELECT min(started_at) AS since FROM ingest_run

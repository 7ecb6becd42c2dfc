-- name: footage_of
-- One camera's recordings of a span with their fragments as binary arrays, in order of time. A file lasts an hour and a
-- GOP at most, so none that began three hours earlier reaches into the span: the index gives the rest at once.
SELECT id, path, tier, start_at, init_length, codec, width_px, height_px, audio_codec, media_start_90k,
       array_send(frag_offset) AS offsets, array_send(frag_length) AS lengths, array_send(frag_start_90k) AS starts,
       array_send(frag_duration_90k) AS durations, array_send(frag_key) AS keys, frag_sha256, chain_before,
       clock_offset_s, clock_error_s
FROM segment
WHERE camera_id = %(camera_id)s AND start_at < %(to_at)s AND start_at > %(from_at)s - interval '3 hours'
  AND end_at > %(from_at)s
ORDER BY start_at, id

-- name: footage_size
-- How much was recorded of some cameras in a span: bytes (of a file, the share that lies inside) and seconds.
SELECT camera_id, sum(bytes * share)::bigint AS bytes, sum(inside_s)::bigint AS recorded_s
FROM (
    SELECT camera_id, bytes, inside_s,
           CASE WHEN whole_s > 0 THEN least(1, inside_s / whole_s) ELSE 1 END AS share
    FROM (
        SELECT camera_id, bytes,
               extract(epoch FROM least(end_at, %(to_at)s) - greatest(start_at, %(from_at)s)) AS inside_s,
               extract(epoch FROM end_at - start_at) AS whole_s
        FROM segment
        WHERE camera_id = ANY(%(camera_ids)s) AND start_at < %(to_at)s
          AND start_at > %(from_at)s - interval '3 hours' AND end_at > %(from_at)s) cut) shares
GROUP BY camera_id

-- name: export_cameras
-- The cameras of an export, by id.
SELECT id, code, name, name_en, created_at FROM camera WHERE id = ANY(%(ids)s) ORDER BY id

-- name: camera_ids_by_code
-- Cameras by their codes, for the command line.
SELECT id, code FROM camera WHERE code = ANY(%(codes)s)

-- name: export_add
-- Asks for an export; the exporter hears of it at once.
INSERT INTO export_job (camera_ids, from_at, to_at, reason, mask, created_by, expected_bytes)
VALUES (%(camera_ids)s, %(from_at)s, %(to_at)s, %(reason)s, %(mask)s, %(by)s, %(expected_bytes)s)
RETURNING *

-- name: export_by_id
-- One export.
SELECT * FROM export_job WHERE id = %(id)s

-- name: exports
-- Exports, newest first; with camera ids only those all of whose cameras are among them.
SELECT * FROM export_job
WHERE (%(before)s::integer IS NULL OR id < %(before)s)
  AND (%(camera_ids)s::integer[] IS NULL OR camera_ids <@ %(camera_ids)s::integer[])
ORDER BY id DESC LIMIT %(limit)s

-- name: export_cancel
-- Somebody stops an export: at once when it still waits; a running one ends at its next step.
UPDATE export_job SET cancelled_by = %(by)s,
    state = CASE state WHEN 'waiting' THEN 'cancelled' ELSE state END,
    finished_at = CASE state WHEN 'waiting' THEN %(now)s ELSE finished_at END
WHERE id = %(id)s AND state IN ('waiting', 'running') AND cancelled_by IS NULL
RETURNING *

-- name: exports_redo
-- After a start: what an exporter that ended had in hand is done again from the beginning.
UPDATE export_job SET state = 'waiting', read_bytes = 0, started_at = NULL
WHERE state = 'running' AND cancelled_by IS NULL

-- name: exports_stopped
-- After a start: what was to be stopped when an exporter ended is stopped.
UPDATE export_job SET state = 'cancelled', finished_at = %(now)s
WHERE state = 'running' AND cancelled_by IS NOT NULL

-- name: export_claim
-- The exporter takes the oldest export that waits.
UPDATE export_job SET state = 'running', started_at = %(now)s, read_bytes = 0, message = '', why = NULL
WHERE id = (SELECT id FROM export_job WHERE state = 'waiting' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *

-- name: export_progress
-- How far a running export is; says whether somebody wants it stopped.
UPDATE export_job SET read_bytes = %(read_bytes)s, expected_bytes = greatest(expected_bytes, %(read_bytes)s)
WHERE id = %(id)s RETURNING cancelled_by

-- name: export_expected
-- What the exporter has counted exactly.
UPDATE export_job SET expected_bytes = %(expected_bytes)s WHERE id = %(id)s

-- name: export_end
-- An export has ended without a package.
UPDATE export_job SET state = %(state)s, message = %(message)s, why = %(why)s, finished_at = %(now)s
WHERE id = %(id)s

-- name: export_done
-- An export's package is ready.
UPDATE export_job SET state = 'done', message = %(message)s, why = %(why)s, finished_at = %(now)s, expires_at = %(expires_at)s,
    file_name = %(file_name)s, bytes = %(bytes)s, manifest_sha256 = %(manifest_sha256)s, fragments = %(fragments)s,
    altered = %(altered)s, unavailable = %(unavailable)s, read_bytes = expected_bytes
WHERE id = %(id)s

-- name: exports_expire
-- Packages whose time is over; their files are to be deleted.
UPDATE export_job SET state = 'expired' WHERE state = 'done' AND expires_at < %(now)s RETURNING file_name

-- name: export_files
-- The packages that may lie in the exports folder.
SELECT file_name FROM export_job WHERE state = 'done'

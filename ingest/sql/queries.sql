-- name: cameras
-- Every camera as configured, by id.
SELECT id, code, name, name_en, url, username, password_enc, ST_X(geom) AS lon, ST_Y(geom) AS lat, height_m,
       yaw_deg, pitch_deg, roll_deg, hfov_deg, pose_sigma_deg, enabled, recorded, analysed, published,
       retention_days, version
FROM camera ORDER BY id

-- name: upsert_camera_states
-- The state of several cameras at once, from a JSON array of rows; cameras deleted meanwhile are passed over.
INSERT INTO camera_state (camera_id, state, reason, since, last_packet_at, codec, width_px, height_px, fps,
                          bitrate_bps, reconnects, recording, updated_at)
SELECT r.camera_id, r.state, r.reason, r.since, r.last_packet_at, r.codec, r.width_px, r.height_px, r.fps,
       r.bitrate_bps, r.reconnects, r.recording, now()
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (
    camera_id integer, state text, reason text, since timestamptz, last_packet_at timestamptz, codec text,
    width_px integer, height_px integer, fps real, bitrate_bps integer, reconnects integer, recording boolean)
JOIN camera c ON c.id = r.camera_id
ON CONFLICT (camera_id) DO UPDATE SET
    state = excluded.state, reason = excluded.reason, since = excluded.since,
    last_packet_at = coalesce(excluded.last_packet_at, camera_state.last_packet_at),
    codec = coalesce(excluded.codec, camera_state.codec),
    width_px = coalesce(excluded.width_px, camera_state.width_px),
    height_px = coalesce(excluded.height_px, camera_state.height_px),
    fps = excluded.fps, bitrate_bps = excluded.bitrate_bps, reconnects = excluded.reconnects,
    recording = excluded.recording, updated_at = excluded.updated_at

-- name: upsert_segments
-- Index rows of several recording files at once, from a JSON array; a row that is there already is replaced,
-- so sending one twice changes nothing. Files of cameras deleted meanwhile are passed over.
INSERT INTO segment (camera_id, path, start_at, end_at, init_length, bytes, frames, codec, width_px, height_px,
                     frag_offset, frag_length, frag_start_90k, frag_duration_90k, open)
SELECT r.camera_id, r.path, r.start_at, r.end_at, r.init_length, r.bytes, r.frames, r.codec, r.width_px, r.height_px,
       r.frag_offset, r.frag_length, r.frag_start_90k, r.frag_duration_90k, r.open
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (
    camera_id integer, path text, start_at timestamptz, end_at timestamptz, init_length integer, bytes bigint,
    frames integer, codec text, width_px integer, height_px integer, frag_offset integer[], frag_length integer[],
    frag_start_90k integer[], frag_duration_90k integer[], open boolean)
JOIN camera c ON c.id = r.camera_id
ON CONFLICT (path) DO UPDATE SET
    start_at = excluded.start_at, end_at = excluded.end_at, bytes = excluded.bytes, frames = excluded.frames,
    frag_offset = excluded.frag_offset, frag_length = excluded.frag_length,
    frag_start_90k = excluded.frag_start_90k, frag_duration_90k = excluded.frag_duration_90k, open = excluded.open

-- name: segment_paths
-- What the index knows of every file, for the repair at start-up.
SELECT path, open FROM segment

-- name: delete_segments
-- Rows whose files are gone or hold nothing.
DELETE FROM segment WHERE path = ANY(%(paths)s)

-- name: delete_expired
-- The oldest closed segments past their camera's retention that no hold touches, at most so many; their paths.
DELETE FROM segment WHERE id IN (
    SELECT s.id FROM segment s JOIN camera c ON c.id = s.camera_id
    WHERE NOT s.open AND s.end_at < %(now)s::timestamptz - make_interval(days => c.retention_days)
      AND NOT EXISTS (
        SELECT 1 FROM evidence_hold h WHERE h.camera_id = s.camera_id AND h.released_at IS NULL
          AND h.from_at <= s.end_at AND h.to_at >= s.start_at)
    ORDER BY s.end_at LIMIT %(limit)s)
RETURNING path, bytes

-- name: delete_oldest
-- The oldest closed segments of any camera that no hold touches and that ended before a time, at most so many.
DELETE FROM segment WHERE id IN (
    SELECT s.id FROM segment s
    WHERE NOT s.open AND s.end_at < %(before)s
      AND NOT EXISTS (
        SELECT 1 FROM evidence_hold h WHERE h.camera_id = s.camera_id AND h.released_at IS NULL
          AND h.from_at <= s.end_at AND h.to_at >= s.start_at)
    ORDER BY s.end_at LIMIT %(limit)s)
RETURNING path, bytes

-- name: spans
-- When the cameras were recorded within a window, by camera and time.
SELECT camera_id, start_at, end_at FROM segment
WHERE camera_id = ANY(%(camera_ids)s) AND start_at < %(to_at)s AND end_at > %(from_at)s
ORDER BY camera_id, start_at

-- name: segments_between
-- One camera's segments within a window, in order, with their fragments.
SELECT id, path, start_at, end_at, init_length, codec, width_px, height_px,
       frag_offset, frag_length, frag_start_90k, frag_duration_90k
FROM segment
WHERE camera_id = %(camera_id)s AND start_at < %(to_at)s AND end_at > %(from_at)s
ORDER BY start_at, id

-- name: segment_at
-- The segment that holds the last picture at or before a time.
SELECT id, path, start_at, end_at, init_length, codec, width_px, height_px,
       frag_offset, frag_length, frag_start_90k, frag_duration_90k
FROM segment WHERE camera_id = %(camera_id)s AND start_at <= %(at)s
ORDER BY start_at DESC LIMIT 1

-- name: segment_by_id
-- One segment's file.
SELECT path, camera_id FROM segment WHERE id = %(id)s

-- name: hold
-- Keeps a camera's footage for a subject; asked again for the same subject, the time is widened.
INSERT INTO evidence_hold (camera_id, from_at, to_at, reason, subject, created_by)
VALUES (%(camera_id)s, %(from_at)s, %(to_at)s, %(reason)s, %(subject)s, %(by)s)
ON CONFLICT (camera_id, subject) WHERE released_at IS NULL DO UPDATE SET
    from_at = least(evidence_hold.from_at, excluded.from_at), to_at = greatest(evidence_hold.to_at, excluded.to_at)
RETURNING id

-- name: release
-- Ends every hold for a subject.
UPDATE evidence_hold SET released_at = now() WHERE subject = %(subject)s AND released_at IS NULL

-- name: held_spans
-- What is held of the cameras within a window.
SELECT camera_id, from_at, to_at FROM evidence_hold
WHERE camera_id = ANY(%(camera_ids)s) AND released_at IS NULL AND from_at < %(to_at)s AND to_at > %(from_at)s
ORDER BY camera_id, from_at

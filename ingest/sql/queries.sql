-- name: cameras
-- Every camera as configured, by id.
SELECT id, code, name, name_en, url, username, password_enc, ST_X(geom) AS lon, ST_Y(geom) AS lat, height_m,
       yaw_deg, pitch_deg, roll_deg, hfov_deg, pose_sigma_deg, enabled, recorded, analysed, published,
       retention_days, version, sub_url, record_stream, analyse_stream, publish_stream, audio, onvif_url,
       onvif_profile, ptz, pose_k1, pose_k2, pose_covariance
FROM camera ORDER BY id

-- name: upsert_camera_states
-- The state of several cameras at once, from a JSON array of rows; cameras deleted meanwhile are passed over.
INSERT INTO camera_state (camera_id, state, reason, since, last_packet_at, codec, width_px, height_px, fps,
                          bitrate_bps, reconnects, recording, camera_clock_offset_s, packets_lost, why, updated_at)
SELECT r.camera_id, r.state, r.reason, r.since, r.last_packet_at, r.codec, r.width_px, r.height_px, r.fps,
       r.bitrate_bps, r.reconnects, r.recording, r.camera_clock_offset_s, r.packets_lost, r.why, now()
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (
    camera_id integer, state text, reason text, since timestamptz, last_packet_at timestamptz, codec text,
    width_px integer, height_px integer, fps real, bitrate_bps integer, reconnects integer, recording boolean,
    camera_clock_offset_s real, packets_lost bigint, why jsonb)
JOIN camera c ON c.id = r.camera_id
ON CONFLICT (camera_id) DO UPDATE SET
    state = excluded.state, reason = excluded.reason, why = excluded.why, since = excluded.since,
    last_packet_at = coalesce(excluded.last_packet_at, camera_state.last_packet_at),
    codec = coalesce(excluded.codec, camera_state.codec),
    width_px = coalesce(excluded.width_px, camera_state.width_px),
    height_px = coalesce(excluded.height_px, camera_state.height_px),
    fps = excluded.fps, bitrate_bps = excluded.bitrate_bps, reconnects = excluded.reconnects,
    recording = excluded.recording, packets_lost = excluded.packets_lost,
    camera_clock_offset_s = coalesce(excluded.camera_clock_offset_s, camera_state.camera_clock_offset_s),
    updated_at = excluded.updated_at

-- name: tell_lost_cameras
-- One event for each camera that should send and has not for a while, once per loss: command makes an alarm of it.
-- A camera whose packets come but cannot be shown, or that refuses us, is lost since it is so. Of camera_ids alone, or of
-- all (null).
WITH lost AS (
    SELECT c.id, c.name, 'system:camera:' || c.id || ':lost' AS cause,
           CASE WHEN s.state IN ('stalled', 'unreachable') THEN least(s.since, coalesce(s.last_packet_at, s.since))
                ELSE s.since END AS since
    FROM camera c JOIN camera_state s ON s.camera_id = c.id
    WHERE c.enabled AND s.state IN ('stalled', 'unreachable', 'refused', 'no_key_frame', 'unsupported')
      AND (%(camera_ids)s::integer[] IS NULL OR c.id = ANY (%(camera_ids)s::integer[])))
INSERT INTO system_event (cause, kind, subject, camera_id, at, value, limit_value, priority)
SELECT l.cause, 'camera_lost', l.name, l.id, %(now)s, extract(epoch FROM %(now)s - l.since), %(lost_s)s, 3
FROM lost l
WHERE l.since <= %(now)s - make_interval(secs => %(lost_s)s)
  AND NOT EXISTS (SELECT 1 FROM system_event e WHERE e.cause = l.cause AND e.at >= l.since)

-- name: upsert_segments
-- Index rows of several recording files at once, from a JSON array; a row that is there already is replaced,
-- so sending one twice changes nothing. Files of cameras deleted meanwhile are passed over.
INSERT INTO segment (camera_id, path, start_at, end_at, init_length, bytes, frames, codec, width_px, height_px,
                     frag_offset, frag_length, frag_start_90k, frag_duration_90k, open, stream, audio_codec,
                     media_start_90k, frag_video_length, frag_key, frag_sha256, hole_start_90k, hole_end_90k,
                     chain_before, chain_after, clock_offset_s, clock_error_s)
SELECT r.camera_id, r.path, r.start_at, r.end_at, r.init_length, r.bytes, r.frames, r.codec, r.width_px, r.height_px,
       r.frag_offset, r.frag_length, r.frag_start_90k, r.frag_duration_90k, r.open, r.stream, r.audio_codec,
       r.media_start_90k, r.frag_video_length, r.frag_key, decode(r.frag_sha256, 'hex'), r.hole_start_90k,
       r.hole_end_90k, decode(r.chain_before, 'hex'), decode(r.chain_after, 'hex'), r.clock_offset_s, r.clock_error_s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (
    camera_id integer, path text, start_at timestamptz, end_at timestamptz, init_length integer, bytes bigint,
    frames integer, codec text, width_px integer, height_px integer, frag_offset integer[], frag_length integer[],
    frag_start_90k integer[], frag_duration_90k integer[], open boolean, stream text, audio_codec text,
    media_start_90k bigint, frag_video_length integer[], frag_key boolean[], frag_sha256 text,
    hole_start_90k integer[], hole_end_90k integer[], chain_before text, chain_after text, clock_offset_s real,
    clock_error_s real)
JOIN camera c ON c.id = r.camera_id
ON CONFLICT (path) DO UPDATE SET
    start_at = excluded.start_at, end_at = excluded.end_at, bytes = excluded.bytes, frames = excluded.frames,
    frag_offset = excluded.frag_offset, frag_length = excluded.frag_length,
    frag_start_90k = excluded.frag_start_90k, frag_duration_90k = excluded.frag_duration_90k, open = excluded.open,
    frag_video_length = excluded.frag_video_length, frag_key = excluded.frag_key,
    frag_sha256 = excluded.frag_sha256, hole_start_90k = excluded.hole_start_90k,
    hole_end_90k = excluded.hole_end_90k, chain_before = excluded.chain_before, chain_after = excluded.chain_after

-- name: segment_facts
-- What the index knows of a camera's files, for the repair at start-up; the arrays are not touched.
SELECT path, id, bytes, open, tier FROM segment WHERE camera_id = %(camera_id)s

-- name: segments_by_path
-- Some segments with their fragments.
SELECT id, path, start_at, end_at, init_length, codec, width_px, height_px, frag_offset, frag_length, frag_start_90k,
       frag_duration_90k, frag_video_length, frag_key, frag_sha256, stream, tier, audio_codec, media_start_90k,
       hole_start_90k, hole_end_90k, chain_before, chain_after, clock_offset_s, clock_error_s
FROM segment WHERE path = ANY(%(paths)s)

-- name: delete_segments
-- Rows whose files are gone or hold nothing; those of held footage stay, and are told.
WITH gone AS (
    DELETE FROM segment s
    WHERE s.id = ANY (%(ids)s) AND NOT footage_held(s.camera_id, s.start_at, s.end_at) RETURNING s.id)
SELECT s.path FROM segment s WHERE s.id = ANY (%(ids)s) AND s.id NOT IN (SELECT id FROM gone)

-- name: segment_at
-- The segment that holds the last picture at or before a time.
SELECT id, path, start_at, end_at, init_length, codec, width_px, height_px, frag_offset, frag_length, frag_start_90k,
       frag_duration_90k, frag_video_length, frag_key, frag_sha256, stream, tier, audio_codec, media_start_90k,
       hole_start_90k, hole_end_90k, chain_before, chain_after, clock_offset_s, clock_error_s
FROM segment WHERE camera_id = %(camera_id)s AND start_at <= %(at)s
ORDER BY start_at DESC LIMIT 1

-- name: segment_by_id
-- One segment's file.
SELECT path, camera_id FROM segment WHERE id = %(id)s

-- name: hold
-- Keeps a camera's footage for a subject; asked again for the same subject, the time is widened and an expired hold is
-- active again.
INSERT INTO evidence_hold (camera_id, from_at, to_at, reason, subject, created_by)
VALUES (%(camera_id)s, %(from_at)s, %(to_at)s, %(reason)s, %(subject)s, %(by)s)
ON CONFLICT (camera_id, subject) WHERE released_at IS NULL DO UPDATE SET
    from_at = least(evidence_hold.from_at, excluded.from_at), to_at = greatest(evidence_hold.to_at, excluded.to_at),
    expires_at = CASE WHEN evidence_hold.expires_at > now() THEN evidence_hold.expires_at END
RETURNING id

-- name: release
-- Ends every hold for a subject.
UPDATE evidence_hold SET released_at = now(), version = version + 1 WHERE subject = %(subject)s AND released_at IS NULL

-- name: held_spans
-- What is held of the cameras within a window.
SELECT camera_id, from_at, to_at FROM evidence_hold
WHERE camera_id = ANY(%(camera_ids)s) AND released_at IS NULL AND (expires_at IS NULL OR expires_at > now())
  AND from_at < %(to_at)s AND to_at > %(from_at)s
ORDER BY camera_id, from_at

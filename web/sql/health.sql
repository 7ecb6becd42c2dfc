-- name: health_processes
-- The newest beat of every process.
SELECT name, pid, started_at, beat_at, facts FROM process_state ORDER BY name;

-- name: health_cameras
-- The state of every camera that is not switched off, and its figures.
SELECT c.id, c.code, coalesce(s.state, CASE WHEN c.enabled THEN 'connecting' ELSE 'off' END) AS state,
       coalesce(s.reason, '') AS reason, s.fps, s.bitrate_bps, s.reconnects, s.recording, s.last_packet_at,
       s.camera_clock_offset_s, s.packets_lost
FROM camera c LEFT JOIN camera_state s ON s.camera_id = c.id ORDER BY c.code;

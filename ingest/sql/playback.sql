-- name: played_heads
-- One camera's recordings of a span without their fragments, in order of time. A file lasts an hour and a GOP at most,
-- so none that began three hours earlier reaches into the span: the index gives the rest at once.
SELECT id, start_at, end_at, open, init_length, codec, width_px, height_px, audio_codec, media_start_90k
FROM segment
WHERE camera_id = %(camera_id)s AND start_at < %(to_at)s AND start_at > %(from_at)s - interval '3 hours'
  AND end_at > %(from_at)s
ORDER BY start_at, id

-- name: played_fragments
-- The fragments of some recordings, as binary arrays.
SELECT id, array_send(frag_offset) AS offsets, array_send(frag_length) AS lengths,
       array_send(frag_video_length) AS video_lengths, array_send(frag_start_90k) AS starts,
       array_send(frag_duration_90k) AS durations, array_send(frag_key) AS keys
FROM segment WHERE id = ANY(%(ids)s)

-- name: listed_fragments
-- What a playlist needs of some recordings: where fragments start, in the file where the pictures stand alone, and in
-- time; what is left out follows from these. A column costs about 15 ms a day of one-second fragments.
SELECT id, bytes, CASE WHEN audio_codec IS NULL THEN array_send(frag_offset) END AS offsets,
       array_send(frag_start_90k) AS starts, hole_start_90k, hole_end_90k,
       CASE WHEN false = ANY(frag_key) THEN array_send(frag_key) END AS keys
FROM segment WHERE id = ANY(%(ids)s)

-- name: played_by_id
-- One recording without its fragments, and whose it is.
SELECT id, camera_id, start_at, end_at, open, init_length, codec, width_px, height_px, audio_codec, media_start_90k
FROM segment WHERE id = %(id)s

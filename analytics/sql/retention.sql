-- name: delete_old_tracks
-- Tracks older than their camera keeps footage, the oldest first; not those of an event, of footage of an incident, or of
-- held footage. Returns the pictures that go with them.
DELETE FROM track
WHERE id IN (
    SELECT old.id
    FROM camera c
    CROSS JOIN LATERAL (
        SELECT t.id
        FROM track t
        WHERE t.camera_id = c.id
          AND t.start_at < %(now)s - make_interval(days => c.retention_days)
          AND t.end_at < %(now)s - make_interval(days => c.retention_days)
          AND NOT EXISTS (SELECT FROM event e WHERE e.track_uid = t.uid)
          AND NOT EXISTS (
              SELECT FROM segment s
              WHERE s.camera_id = c.id AND s.class = 'incident' AND s.end_at >= t.start_at
                AND s.start_at <= t.end_at AND s.start_at >= t.start_at - interval '3 hours')
          AND NOT footage_held(c.id, t.start_at, t.end_at)
        ORDER BY t.start_at
        LIMIT %(limit)s
    ) old
    LIMIT %(limit)s
)
RETURNING snapshot;

-- name: delete_old_motion
-- Minutes of motion older than their camera keeps footage.
DELETE FROM motion_minute
WHERE (camera_id, minute_at) IN (
    SELECT old.camera_id, old.minute_at
    FROM camera c
    CROSS JOIN LATERAL (
        SELECT m.camera_id, m.minute_at
        FROM motion_minute m
        WHERE m.camera_id = c.id AND m.minute_at < %(now)s - make_interval(days => c.retention_days)
        ORDER BY m.minute_at
        LIMIT %(limit)s
    ) old
    LIMIT %(limit)s
);

-- name: delete_old_watched
-- Stretches looked at that ended before their camera's footage begins.
DELETE FROM motion_watched w
USING camera c
WHERE c.id = w.camera_id AND w.to_at < %(now)s - make_interval(days => c.retention_days);

-- name: cut_old_watched
-- Of a stretch that goes on, what is older than its camera's footage, by whole hours.
UPDATE motion_watched w
SET from_at = date_trunc('hour', %(now)s - make_interval(days => c.retention_days))
FROM camera c
WHERE c.id = w.camera_id AND w.from_at < date_trunc('hour', %(now)s - make_interval(days => c.retention_days));

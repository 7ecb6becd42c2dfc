-- name: review_queue
-- Events that a person has not looked at, or with all those looked at too, newest first; not those whose alarm somebody
-- dismissed. With marked, only those that were marked so.
SELECT e.id, s.user_id IS NOT NULL AS seen,
       m.mark, m.reason, m.note, m.marked_by, m.marked_at, m.version
FROM event e
LEFT JOIN event_seen s ON s.event_id = e.id AND s.user_id = %(user_id)s
LEFT JOIN event_mark m ON m.event_id = e.id
WHERE e.at >= %(from_at)s AND (e.at, e.id) < (%(before_at)s, %(before_id)s)
  AND (%(all)s OR s.user_id IS NULL)
  AND (%(marked)s::text IS NULL OR m.mark = %(marked)s)
  AND (%(camera_ids)s::integer[] IS NULL OR e.camera_id = ANY (%(camera_ids)s::integer[]))
  AND (%(rule)s::text IS NULL OR e.rule = %(rule)s)
  AND (%(kind)s::text IS NULL OR e.kind = %(kind)s)
  AND (%(polygon)s::text IS NULL OR ST_Intersects(e.geom, ST_GeomFromText(%(polygon)s, 4326)))
  AND (%(all)s OR NOT EXISTS (
      SELECT FROM alarm_event x JOIN alarm a ON a.id = x.alarm_id AND a.state = 'dismissed' WHERE x.event_id = e.id))
ORDER BY e.at DESC, e.id DESC
LIMIT %(limit)s;

-- name: review_unseen
-- How many events of each camera and rule a person has not looked at, out of the newest so many.
SELECT u.camera_id, u.rule, count(*)::integer AS count
FROM (
    SELECT e.camera_id, e.rule
    FROM event e
    WHERE e.at >= %(from_at)s
      AND (%(camera_ids)s::integer[] IS NULL OR e.camera_id = ANY (%(camera_ids)s::integer[]))
      AND NOT EXISTS (SELECT FROM event_seen s WHERE s.user_id = %(user_id)s AND s.event_id = e.id)
      AND NOT EXISTS (
          SELECT FROM alarm_event x JOIN alarm a ON a.id = x.alarm_id AND a.state = 'dismissed' WHERE x.event_id = e.id)
    ORDER BY e.at DESC
    LIMIT %(limit)s
) u
GROUP BY u.camera_id, u.rule
ORDER BY 3 DESC, 1, 2;

-- name: review_see
-- A person has looked at some events of cameras they may see.
INSERT INTO event_seen (user_id, event_id)
SELECT %(user_id)s, e.id
FROM event e
WHERE e.id = ANY (%(event_ids)s::bigint[])
  AND (%(camera_ids)s::integer[] IS NULL OR e.camera_id = ANY (%(camera_ids)s::integer[]))
ON CONFLICT DO NOTHING;

-- name: review_see_all
-- A person has looked at all of a camera, a rule or a kind in their queue, up to a moment.
INSERT INTO event_seen (user_id, event_id)
SELECT %(user_id)s, e.id
FROM event e
WHERE e.at >= %(from_at)s AND e.at <= %(until)s
  AND (%(camera_ids)s::integer[] IS NULL OR e.camera_id = ANY (%(camera_ids)s::integer[]))
  AND (%(rule)s::text IS NULL OR e.rule = %(rule)s)
  AND (%(kind)s::text IS NULL OR e.kind = %(kind)s)
ON CONFLICT DO NOTHING;

-- name: review_unsee
-- A person has not looked at some events after all.
DELETE FROM event_seen WHERE user_id = %(user_id)s AND event_id = ANY (%(event_ids)s::bigint[]);

-- name: event_mark_for_update
-- What was said of an event, locked until the transaction ends.
SELECT event_id, mark, reason, note, marked_by, marked_at, version
FROM event_mark WHERE event_id = %(event_id)s FOR UPDATE;

-- name: event_marked_camera
-- Whose event it is; locked, so that two people who mark it first wait for each other.
SELECT camera_id FROM event WHERE id = %(event_id)s FOR NO KEY UPDATE;

-- name: put_event_mark
-- What is said of an event now.
INSERT INTO event_mark AS m (event_id, mark, reason, note, marked_by, marked_at)
VALUES (%(event_id)s, %(mark)s, %(reason)s, %(note)s, %(marked_by)s, %(now)s)
ON CONFLICT (event_id) DO UPDATE
SET mark = excluded.mark, reason = excluded.reason, note = excluded.note, marked_by = excluded.marked_by,
    marked_at = excluded.marked_at, version = m.version + 1
RETURNING event_id, mark, reason, note, marked_by, marked_at, version;

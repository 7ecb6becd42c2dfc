-- name: noise_rates
-- Per camera, rule, zone and local day: how many alarms were decided and how many of them were false. A mark of the review
-- outweighs the alarm; an event nobody raised an alarm for counts by its mark alone.
WITH judged AS (
    SELECT e.camera_id, e.rule, e.zone_id, coalesce(a.id, -e.id) AS decision,
           floor(extract(epoch FROM e.at + make_interval(secs => %(offset_s)s)) / 86400)::int AS day,
           CASE WHEN m.mark = 'false' THEN m.reason <> 'allowed'
                WHEN m.mark = 'important' THEN false
                WHEN a.state = 'dismissed' THEN coalesce(a.dismiss_code = ANY (%(false_codes)s), false)
                WHEN a.state IN ('linked', 'cleared') AND a.incident_id IS NOT NULL THEN i.state = 'false_alarm'
           END AS wrong
    FROM event e
    LEFT JOIN alarm_event l ON l.event_id = e.id
    LEFT JOIN alarm a ON a.id = l.alarm_id
    LEFT JOIN incident i ON i.id = a.incident_id
    LEFT JOIN event_mark m ON m.event_id = e.id
    WHERE e.at >= %(since)s AND (%(camera_ids)s::int[] IS NULL OR e.camera_id = ANY (%(camera_ids)s))
), decided AS (
    SELECT camera_id, rule, zone_id, decision, min(day) AS day, bool_or(wrong) AS wrong
    FROM judged WHERE wrong IS NOT NULL GROUP BY camera_id, rule, zone_id, decision
)
SELECT camera_id, rule, zone_id, day, count(*)::int AS decided, (count(*) FILTER (WHERE wrong))::int AS wrong
FROM decided GROUP BY camera_id, rule, zone_id, day ORDER BY camera_id, rule, zone_id, day

-- name: noise_samples
-- The newest decided events of a rule, with what is needed to judge a change. Of a zone: those of all its cameras.
SELECT e.id, e.camera_id, e.at, e.box, e.value, e.track_uid,
       CASE WHEN m.mark = 'false' THEN m.reason <> 'allowed'
            WHEN m.mark = 'important' THEN false
            WHEN a.state = 'dismissed' THEN coalesce(a.dismiss_code = ANY (%(false_codes)s), false)
            WHEN a.state IN ('linked', 'cleared') AND a.incident_id IS NOT NULL THEN i.state = 'false_alarm'
       END AS wrong
FROM event e
LEFT JOIN alarm_event l ON l.event_id = e.id
LEFT JOIN alarm a ON a.id = l.alarm_id
LEFT JOIN incident i ON i.id = a.incident_id
LEFT JOIN event_mark m ON m.event_id = e.id
WHERE e.at >= %(since)s AND e.rule = %(rule)s
  AND CASE WHEN %(zone_id)s::int IS NULL THEN e.zone_id IS NULL AND e.camera_id = %(camera_id)s ELSE e.zone_id = %(zone_id)s END
  AND (m.mark IN ('false', 'important') OR a.state = 'dismissed'
       OR (a.state IN ('linked', 'cleared') AND a.incident_id IS NOT NULL))
ORDER BY e.at DESC LIMIT %(limit)s

-- name: noise_declined
-- Kinds of proposals that somebody declined since a time; those about a zone's numbers hold for all its cameras.
SELECT DISTINCT kind FROM noise_decision
WHERE outcome = 'declined' AND decided_at >= %(since)s AND rule = %(rule)s
  AND zone_id IS NOT DISTINCT FROM %(zone_id)s
  AND (camera_id = %(camera_id)s OR (kind <> 'ignore' AND zone_id IS NOT NULL))

-- name: noise_decide
-- What became of a proposal.
INSERT INTO noise_decision (camera_id, rule, zone_id, kind, outcome, detail, decided_by, decided_at)
VALUES (%(camera_id)s, %(rule)s, %(zone_id)s, %(kind)s, %(outcome)s, %(detail)s, %(by)s, %(at)s)
RETURNING id

-- name: alarm_events
-- The events behind an alarm, newest first.
SELECT e.id FROM alarm_event l JOIN event e ON e.id = l.event_id
WHERE l.alarm_id = %(id)s ORDER BY e.at DESC, e.id DESC LIMIT %(limit)s

-- name: pictures
-- The size of every camera's picture, as far as known.
SELECT camera_id, width_px, height_px FROM camera_state WHERE width_px > 0 AND height_px > 0

-- name: feed_incidents_of_assignments
-- The incidents that some assignments belong to.
SELECT DISTINCT incident_id FROM assignment WHERE id = ANY (%(ids)s);

-- name: feed_crews
-- The units on some incidents, and those that left within ten minutes: their phones must see the end of it.
SELECT incident_id, unit_id FROM assignment
WHERE incident_id = ANY (%(ids)s) AND (ended_at IS NULL OR ended_at > now() - interval '10 minutes');

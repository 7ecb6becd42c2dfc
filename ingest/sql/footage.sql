-- name: mark_footage
-- An event raises the class of what its camera recorded around it: an overlapping mark is widened, up to an hour.
WITH wider AS (
    UPDATE footage_mark SET from_at = least(from_at, %(from_at)s), to_at = greatest(to_at, %(to_at)s),
        changed_at = now(), settled_at = NULL
    WHERE id = (SELECT id FROM footage_mark
                WHERE camera_id = %(camera_id)s AND class = 'event' AND to_at >= %(from_at)s AND from_at <= %(to_at)s
                  AND to_at - from_at < interval '1 hour'
                ORDER BY to_at DESC LIMIT 1 FOR UPDATE)
    RETURNING 1)
INSERT INTO footage_mark (camera_id, from_at, to_at, class)
SELECT %(camera_id)s, %(from_at)s, %(to_at)s, 'event' WHERE NOT EXISTS (SELECT 1 FROM wider)

-- name: lock_classes
-- Marks are applied by one at a time, so that two who do never wait for each other's rows.
SELECT pg_advisory_xact_lock(hashtextextended('footage classes', 0))

-- name: raise_classes
-- Closed recordings take the highest class of the open marks they overlap; those being written take it when they close.
WITH wanted AS (
    SELECT s.id, max(footage_rank(m.class)) AS rank
    FROM footage_mark m JOIN segment s ON s.camera_id = m.camera_id
        AND s.start_at < m.to_at AND s.start_at > m.from_at - interval '3 hours' AND s.end_at > m.from_at
    WHERE m.settled_at IS NULL AND NOT s.open AND footage_rank(s.class) < footage_rank(m.class)
    GROUP BY s.id)
UPDATE segment s SET class = (ARRAY['continuous', 'event', 'incident'])[w.rank]
FROM wanted w WHERE s.id = w.id AND footage_rank(s.class) < w.rank

-- name: settle_marks
-- Marks whose time is over and that have waited long enough for every transaction that could not see them.
UPDATE footage_mark SET settled_at = now()
WHERE settled_at IS NULL AND to_at < now() - interval '2 minutes' AND changed_at < now() - interval '2 minutes'

-- name: forget_marks
-- Marks older than anything of their class is kept.
DELETE FROM footage_mark m USING retention_class r
WHERE r.class = m.class AND m.settled_at IS NOT NULL AND m.to_at < now() - make_interval(days => r.days + 1)

-- name: delete_expired
-- The oldest closed recordings past their days that no hold touches, at most so many, over every camera, class and
-- tier; their files are left over. Event and incident footage stays at least as long as its camera's continuous one.
WITH doomed AS (
    SELECT o.id FROM footage_total t JOIN camera c ON c.id = t.camera_id JOIN retention_class r ON r.class = t.class
    CROSS JOIN LATERAL (
        SELECT %(now)s::timestamptz - make_interval(days => greatest(c.retention_days, r.days)) AS at) cut
    CROSS JOIN LATERAL (
        SELECT s.id FROM segment s
        WHERE s.camera_id = t.camera_id AND s.class = t.class AND s.tier = t.tier AND NOT s.open
          AND s.start_at < cut.at AND s.end_at < cut.at AND NOT footage_held(s.camera_id, s.start_at, s.end_at)
        ORDER BY s.start_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED) o
    WHERE t.oldest_at < cut.at
    LIMIT %(limit)s),
gone AS (
    DELETE FROM segment s USING doomed d
    WHERE s.id = d.id AND NOT footage_held(s.camera_id, s.start_at, s.end_at)
    RETURNING s.tier, s.path, s.bytes),
leftover AS (
    INSERT INTO footage_leftover (tier, path, bytes) SELECT tier, path, bytes FROM gone
    ON CONFLICT (tier, path) DO UPDATE SET due_at = excluded.due_at)
SELECT tier, path, bytes FROM gone

-- name: delete_oldest
-- The oldest closed recordings of a class on some tiers that no hold touches and that ended before a time: as many as
-- make up the bytes that are too many, at most so many; their files are left over.
WITH locked AS (
    SELECT o.id, o.bytes, o.start_at FROM unnest(%(tiers)s::smallint[]) AS t (tier)
    CROSS JOIN LATERAL (
        SELECT s.id, s.bytes, s.start_at FROM segment s
        WHERE s.tier = t.tier AND s.class = %(class)s AND NOT s.open AND s.end_at < %(before)s
          AND NOT footage_held(s.camera_id, s.start_at, s.end_at)
        ORDER BY s.start_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED) o
    ORDER BY o.start_at, o.id LIMIT %(limit)s),
doomed AS (
    SELECT id FROM (
        SELECT id, sum(bytes) OVER (ORDER BY start_at, id) - bytes AS sooner_bytes FROM locked) l
    WHERE sooner_bytes < %(need_bytes)s),
gone AS (
    DELETE FROM segment s USING doomed d
    WHERE s.id = d.id AND NOT footage_held(s.camera_id, s.start_at, s.end_at)
    RETURNING s.tier, s.path, s.bytes),
leftover AS (
    INSERT INTO footage_leftover (tier, path, bytes) SELECT tier, path, bytes FROM gone
    ON CONFLICT (tier, path) DO UPDATE SET due_at = excluded.due_at)
SELECT tier, path, bytes FROM gone

-- name: over_limit
-- Classes with more bytes than they may have, from the running totals.
SELECT r.class AS footage_class, sum(t.bytes)::bigint - r.bytes AS over_bytes
FROM retention_class r JOIN footage_total t USING (class)
WHERE r.bytes IS NOT NULL GROUP BY r.class HAVING sum(t.bytes) > r.bytes

-- name: footage_totals
-- How much there is by tier and class, from the running totals.
SELECT tier, class AS footage_class, sum(bytes)::bigint AS bytes, sum(segments)::bigint AS segments, min(oldest_at) AS oldest_at
FROM footage_total WHERE segments > 0 GROUP BY tier, class ORDER BY tier, footage_rank(class)

-- name: footage_cameras
-- How much there is by camera, from the running totals.
SELECT t.camera_id, c.code, c.name, c.name_en, c.retention_days, sum(t.bytes)::bigint AS bytes,
       sum(t.segments)::bigint AS segments, min(t.oldest_at) AS oldest_at
FROM footage_total t JOIN camera c ON c.id = t.camera_id WHERE t.segments > 0
GROUP BY t.camera_id, c.code, c.name, c.name_en, c.retention_days ORDER BY bytes DESC, c.code

-- name: leftovers
-- Files to remove from some tiers, oldest first; none that a recording's row names.
SELECT l.tier, l.path, l.bytes FROM footage_leftover l
WHERE l.tier = ANY (%(tiers)s::smallint[]) AND l.due_at <= now()
  AND NOT EXISTS (SELECT 1 FROM segment s WHERE s.path = l.path AND s.tier = l.tier)
ORDER BY l.due_at LIMIT %(limit)s

-- name: forget_leftovers
-- Files that are gone.
DELETE FROM footage_leftover WHERE tier = %(tier)s AND path = ANY (%(paths)s)

-- name: count_leftovers
-- How many files wait to be removed, by tier.
SELECT tier, count(*) AS files, sum(bytes)::bigint AS bytes FROM footage_leftover WHERE due_at <= now() GROUP BY tier

-- name: next_to_move
-- The oldest closed recordings on some tiers that ended before a time, for moving on; held ones too.
SELECT o.* FROM unnest(%(tiers)s::smallint[]) AS t (tier)
CROSS JOIN unnest(ARRAY['continuous', 'event', 'incident']) AS k (class)
CROSS JOIN LATERAL (
    SELECT s.id, s.camera_id, s.tier, s.path, s.bytes, s.start_at, s.frag_offset, s.frag_length,
           s.frag_sha256
    FROM segment s
    WHERE s.tier = t.tier AND s.class = k.class AND NOT s.open AND s.end_at < %(before)s
      AND NOT s.id = ANY (%(without)s)
    ORDER BY s.start_at LIMIT 1) o
ORDER BY o.start_at LIMIT 1

-- name: begin_copy
-- From now on the copy is left over, unless it becomes the recording in time.
INSERT INTO footage_leftover (tier, path, bytes, due_at)
VALUES (%(tier)s, %(path)s, %(bytes)s, now() + interval '1 hour')
ON CONFLICT (tier, path) DO UPDATE SET due_at = excluded.due_at

-- name: finish_copy
-- The copy becomes the recording, what it was copied from is left over. No row: the recording was deleted meanwhile.
WITH moved AS (
    UPDATE segment SET tier = %(to)s WHERE id = %(id)s AND tier = %(from)s AND NOT open RETURNING path, bytes),
was AS (
    INSERT INTO footage_leftover (tier, path, bytes) SELECT %(from)s, path, bytes FROM moved
    ON CONFLICT (tier, path) DO UPDATE SET due_at = excluded.due_at),
kept AS (
    DELETE FROM footage_leftover l USING moved m WHERE l.tier = %(to)s AND l.path = m.path)
SELECT path FROM moved

-- name: drop_copy
-- A copy that did not become the recording is left over at once.
UPDATE footage_leftover SET due_at = now() WHERE tier = %(tier)s AND path = %(path)s

-- name: class_spans
-- What within a window is footage of an event or an incident, by camera and time.
SELECT camera_id, class AS footage_class, start_at, end_at FROM segment
WHERE camera_id = ANY (%(camera_ids)s) AND class IN ('event', 'incident') AND start_at < %(to_at)s
  AND start_at > %(from_at)s::timestamptz - interval '3 hours' AND end_at > %(from_at)s
ORDER BY camera_id, start_at

-- name: segment_place
-- Where one recording lies.
SELECT id, camera_id, tier, path, bytes FROM segment WHERE id = %(id)s

-- name: tiers
-- Every tier, in order.
SELECT id, position, name, kind, path, endpoint, bucket, prefix, region, access_key, secret_enc, after_days,
       above_percent, rate_bytes_s, enabled, problem, problem_since, version, why
FROM storage_tier ORDER BY position

-- name: insert_tier
-- A tier behind all others.
INSERT INTO storage_tier (id, position, name, kind, path, endpoint, bucket, prefix, region, access_key, secret_enc,
                          after_days, above_percent, rate_bytes_s, enabled)
SELECT coalesce(max(id), 0) + 1, coalesce(max(position), 0) + 1, %(name)s, %(kind)s, %(path)s, %(endpoint)s, %(bucket)s,
       %(prefix)s, %(region)s, %(access_key)s, %(secret_enc)s, %(after_days)s, %(above_percent)s, %(rate_bytes_s)s,
       %(enabled)s
FROM storage_tier
RETURNING id

-- name: lock_tier
-- One tier, locked for a change.
SELECT id, version, name, kind FROM storage_tier WHERE id = %(id)s FOR UPDATE

-- name: update_tier
-- A tier as it shall be.
UPDATE storage_tier SET name = %(name)s, path = %(path)s, endpoint = %(endpoint)s, bucket = %(bucket)s,
    prefix = %(prefix)s, region = %(region)s, access_key = %(access_key)s, secret_enc = %(secret_enc)s,
    after_days = %(after_days)s, above_percent = %(above_percent)s, rate_bytes_s = %(rate_bytes_s)s,
    enabled = %(enabled)s, problem = NULL, problem_since = NULL, why = NULL, version = version + 1
WHERE id = %(id)s

-- name: tier_used
-- Whether anything lies on a tier or waits to be removed from it.
SELECT EXISTS (SELECT 1 FROM footage_total WHERE tier = %(id)s AND segments > 0)
    OR EXISTS (SELECT 1 FROM footage_leftover WHERE tier = %(id)s) AS used

-- name: delete_tier
-- An empty tier goes.
DELETE FROM storage_tier WHERE id = %(id)s

-- name: tier_problem
-- What is wrong with a tier since when; null: nothing. Returns whether that is news.
UPDATE storage_tier SET problem = %(problem)s, why = %(why)s,
    problem_since = CASE WHEN %(problem)s::text IS NULL THEN NULL ELSE coalesce(problem_since, now()) END
WHERE id = %(id)s AND problem IS DISTINCT FROM %(problem)s

-- name: retention_classes
-- What is kept of each class.
SELECT class AS footage_class, days, bytes, version FROM retention_class ORDER BY footage_rank(class)

-- name: lock_retention_class
-- One class, locked for a change.
SELECT class AS footage_class, days, bytes, version FROM retention_class WHERE class = %(class)s FOR UPDATE

-- name: update_retention_class
-- A class as it shall be.
UPDATE retention_class SET days = %(days)s, bytes = %(bytes)s, version = version + 1 WHERE class = %(class)s

-- name: insert_system_event
-- Something about the system that someone must look at.
INSERT INTO system_event (cause, kind, subject, at, value, limit_value, priority)
VALUES (%(cause)s, %(kind)s, %(subject)s, %(at)s, %(value)s, %(limit_value)s, %(priority)s)

-- name: holds
-- Holds, the newest first; active ones protect footage now.
SELECT h.id, h.kind, h.camera_id, h.from_at, h.to_at, h.reason, h.subject, h.created_by, h.created_at,
       coalesce(h.owner, h.created_by) AS owner, h.expires_at, h.released_at, h.released_by, h.release_reason, h.version,
       h.released_at IS NULL AND (h.expires_at IS NULL OR h.expires_at > now()) AS active,
       h.released_at IS NULL AND coalesce(h.expires_at <= now(), false) AS expired,
       h.released_at IS NULL AND coalesce(h.expires_at > now() AND h.expires_at <= now() + %(soon)s, false)
           AS expires_soon
FROM evidence_hold h
WHERE (%(id)s::integer IS NULL OR h.id = %(id)s)
  AND (%(subject)s::text IS NULL OR (h.subject = %(subject)s AND h.released_at IS NULL))
  AND (NOT %(active_only)s OR (h.released_at IS NULL AND (h.expires_at IS NULL OR h.expires_at > now() - %(soon)s)))
  AND (%(camera_ids)s::integer[] IS NULL OR h.camera_id = ANY (%(camera_ids)s))
ORDER BY h.created_at DESC, h.id DESC LIMIT %(limit)s

-- name: count_holds
-- How many holds protect footage now, and how many of them end soon.
SELECT count(*) AS active, count(*) FILTER (WHERE expires_at <= now() + %(soon)s) AS expiring
FROM evidence_hold WHERE released_at IS NULL AND (expires_at IS NULL OR expires_at > now())

-- name: insert_hold
-- A person's lock or legal hold; its subject is its own.
INSERT INTO evidence_hold (kind, camera_id, from_at, to_at, reason, subject, created_by, owner, expires_at)
VALUES (%(kind)s, %(camera_id)s, %(from_at)s, %(to_at)s, %(reason)s, %(kind)s || ':' || gen_random_uuid(), %(by)s,
        %(owner)s, %(expires_at)s)
RETURNING id

-- name: lock_hold
-- One hold, locked for a change.
SELECT id FROM evidence_hold WHERE id = %(id)s FOR UPDATE

-- name: update_hold
-- A hold as it shall be.
UPDATE evidence_hold SET from_at = %(from_at)s, to_at = %(to_at)s, reason = %(reason)s, owner = %(owner)s,
    expires_at = %(expires_at)s, version = version + 1
WHERE id = %(id)s

-- name: release_hold
-- The end of one hold, by whom and why.
UPDATE evidence_hold SET released_at = now(), released_by = %(by)s, release_reason = %(reason)s, version = version + 1
WHERE id = %(id)s

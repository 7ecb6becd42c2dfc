-- name: audit_add
-- One entry.
INSERT INTO audit (actor, action, subject, detail, address)
VALUES (%(actor)s, %(action)s, %(subject)s, %(detail)s, %(address)s);

-- name: audit_page
-- Entries before an id, newest first, of one actor and one subject where given.
SELECT id, at, actor, action, subject, detail, address
FROM audit
WHERE (%(before)s::bigint IS NULL OR id < %(before)s)
  AND (%(actor)s::text IS NULL OR actor = %(actor)s)
  AND (%(subject)s::text IS NULL OR subject = %(subject)s)
ORDER BY id DESC LIMIT %(limit)s;

-- name: user_by_name
-- A user with the password hash, for logging in.
SELECT id, name, display_name, password_hash, roles, camera_ids, unit_id, language, active, version
FROM app_user WHERE name = %(name)s;

-- name: user_list
-- Everybody, by name.
SELECT id, name, display_name, roles, camera_ids, unit_id, language, active, version
FROM app_user ORDER BY name;

-- name: user_by_id
-- One user.
SELECT id, name, display_name, roles, camera_ids, unit_id, language, active, version
FROM app_user WHERE id = %(id)s;

-- name: user_lock
-- One user, locked until the transaction ends.
SELECT id, name, display_name, roles, camera_ids, unit_id, language, active, version
FROM app_user WHERE id = %(id)s FOR UPDATE;

-- name: user_insert
-- A new user.
INSERT INTO app_user (name, display_name, password_hash, roles, camera_ids, unit_id, language)
VALUES (%(name)s, %(display_name)s, %(password_hash)s, %(roles)s, %(camera_ids)s, %(unit_id)s, %(language)s)
RETURNING id, name, display_name, roles, camera_ids, unit_id, language, active, version;

-- name: user_update
-- Writes all that an administrator may change of a user.
UPDATE app_user SET display_name = %(display_name)s, roles = %(roles)s, camera_ids = %(camera_ids)s,
    unit_id = %(unit_id)s, active = %(active)s, version = version + 1
WHERE id = %(id)s
RETURNING id, name, display_name, roles, camera_ids, unit_id, language, active, version;

-- name: user_set_language
-- The language a person chose.
UPDATE app_user SET language = %(language)s WHERE id = %(id)s;

-- name: user_set_password
-- A new password hash; the version tells an open edit form that something changed.
UPDATE app_user SET password_hash = %(password_hash)s, version = version + 1 WHERE id = %(id)s;

-- name: user_rehash
-- The same password under today's parameters.
UPDATE app_user SET password_hash = %(password_hash)s WHERE id = %(id)s AND password_hash = %(old)s;

-- name: admins_lock
-- Active administrators, locked, so that two changes cannot each remove the other one.
SELECT id FROM app_user WHERE active AND 'admin' = ANY (roles) ORDER BY id FOR UPDATE;

-- name: session_insert
-- A new session.
INSERT INTO user_session (token_hash, user_id, csrf, created_at, last_seen_at, expires_at, address, agent)
VALUES (%(token_hash)s, %(user_id)s, %(csrf)s, %(now)s, %(now)s, %(expires_at)s, %(address)s, %(agent)s);

-- name: session_find
-- An open session with its user: neither idle too long, nor past its end, nor of a user switched off.
SELECT s.token_hash, s.csrf, s.expires_at, s.last_seen_at,
       u.id, u.name, u.display_name, u.roles, u.camera_ids, u.unit_id, u.language, u.version
FROM user_session s JOIN app_user u ON u.id = s.user_id
WHERE s.token_hash = ANY (%(token_hashes)s) AND s.expires_at > %(now)s AND s.last_seen_at > %(idle_since)s
  AND u.active;

-- name: session_touch
-- Says that these sessions are in use.
UPDATE user_session SET last_seen_at = %(now)s WHERE token_hash = ANY (%(token_hashes)s);

-- name: session_delete
-- Ends one session.
DELETE FROM user_session WHERE token_hash = %(token_hash)s;

-- name: session_delete_others
-- Ends a user's sessions, all but one.
DELETE FROM user_session WHERE user_id = %(user_id)s AND token_hash IS DISTINCT FROM %(keep)s;

-- name: session_sweep
-- Removes sessions that have ended by themselves.
DELETE FROM user_session WHERE expires_at <= %(now)s OR last_seen_at <= %(idle_since)s;

-- name: login_lock
-- One login of a name at a time decides about waiting.
SELECT pg_advisory_xact_lock(hashtextextended('login:' || %(name)s, 0));

-- name: login_failures
-- Recent failures of this name from this address, of this name, and from this address; newest of each.
SELECT count(*) FILTER (WHERE name = %(name)s AND address = %(address)s) AS pair,
       max(at) FILTER (WHERE name = %(name)s AND address = %(address)s) AS pair_at,
       count(*) FILTER (WHERE name = %(name)s) AS name,
       max(at) FILTER (WHERE name = %(name)s) AS name_at,
       count(*) FILTER (WHERE address = %(address)s) AS address,
       max(at) FILTER (WHERE address = %(address)s) AS address_at
FROM login_failure WHERE (name = %(name)s OR address = %(address)s) AND at > %(since)s;

-- name: login_failure_add
-- Counts a try as failed before it is looked at, so that parallel guesses see one another.
INSERT INTO login_failure (name, address, at) VALUES (%(name)s, %(address)s, %(now)s);

-- name: login_failure_clear
-- A right password forgives this name's failures from this address.
DELETE FROM login_failure WHERE name = %(name)s AND address = %(address)s;

-- name: login_failure_sweep
-- Old failures count no longer.
DELETE FROM login_failure WHERE at <= %(since)s;

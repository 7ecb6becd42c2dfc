-- name: cli_camera_by_code
-- A camera's address and encrypted password, for testing it from the command line.
SELECT id, code, url, username, password_enc FROM camera WHERE code = %(code)s;

-- name: cli_camera_ids
-- Ids of cameras by their codes.
SELECT id, code FROM camera WHERE code = ANY (%(codes)s);

-- name: cli_unit_by_code
-- A unit's id by its call sign.
SELECT id, code FROM unit WHERE code = %(code)s;

-- name: cli_units_of_service
-- Units of one service, for making their responders' accounts.
SELECT id, code, name FROM unit WHERE service = %(service)s ORDER BY code;

-- name: cli_any_user
-- Whether anybody can log in yet.
SELECT EXISTS (SELECT 1 FROM app_user WHERE active) AS found;

-- name: cli_versions
-- The server's, PostGIS's and the schema's versions.
SELECT current_setting('server_version') AS server, postgis_lib_version() AS postgis,
       (SELECT max(number) FROM schema_migration) AS step;

-- name: cli_processes
-- Each process's last sign of life.
SELECT name, pid, extract(epoch FROM now() - beat_at)::double precision AS age_s, facts FROM process_state ORDER BY name;

-- name: cli_quarantine
-- What the device ports could not use in the last day, by reason, most frequent first.
SELECT source, reason, count(*)::integer AS count, max(received_at) AS last_at
FROM quarantine WHERE received_at > now() - interval '1 day'
GROUP BY source, reason ORDER BY count(*) DESC LIMIT 10;

-- name: cli_silent_devices
-- Devices not heard for ten minutes.
SELECT protocol, key, name, last_seen_at FROM device
WHERE last_seen_at IS NULL OR last_seen_at < now() - interval '10 minutes' ORDER BY protocol, key;

-- name: cli_camera_codes
-- Every camera's code.
SELECT id, code FROM camera ORDER BY id

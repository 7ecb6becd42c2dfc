-- name: loaded
-- The fingerprint of a part (map, fixtures) of the demo city that this database holds.
SELECT digest FROM map_import WHERE kind = 'demo' AND source = %(part)s

-- name: note_load
-- Notes which part of the demo city this database holds now.
INSERT INTO map_import (kind, source, digest, rows_kept, rows_refused)
VALUES ('demo', %(part)s, %(digest)s, %(rows)s, 0)
ON CONFLICT (kind, source) DO UPDATE SET digest = excluded.digest, rows_kept = excluded.rows_kept,
    imported_at = clock_timestamp()

-- name: add_camera
-- A demo camera. Address, password and pose follow the simulator that renders its picture; what people decide
-- (published, enabled, recorded, retention) stays as they left it.
INSERT INTO camera (code, name, name_en, url, username, password_enc, geom, height_m, yaw_deg, pitch_deg, roll_deg,
                    hfov_deg, pose_sigma_deg, published, onvif_url, onvif_profile, ptz, ptz_home, sub_url)
VALUES (%(code)s, %(name)s, %(name_en)s, %(url)s, %(username)s, %(password_enc)s,
        ST_SetSRID(ST_Point(%(lon)s, %(lat)s), 4326), %(height_m)s, %(yaw_deg)s, %(pitch_deg)s, %(roll_deg)s,
        %(hfov_deg)s, %(pose_sigma_deg)s, %(published)s, %(onvif_url)s, %(onvif_profile)s, %(ptz)s, %(ptz_home)s, %(sub_url)s)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, name_en = excluded.name_en, url = excluded.url,
    username = excluded.username, password_enc = excluded.password_enc, geom = excluded.geom,
    height_m = excluded.height_m, yaw_deg = excluded.yaw_deg, pitch_deg = excluded.pitch_deg,
    roll_deg = excluded.roll_deg, hfov_deg = excluded.hfov_deg, pose_sigma_deg = excluded.pose_sigma_deg,
    pose_k1 = 0, pose_k2 = 0, pose_covariance = NULL,
    onvif_url = excluded.onvif_url, onvif_profile = excluded.onvif_profile, ptz = excluded.ptz,
    ptz_home = excluded.ptz_home, sub_url = excluded.sub_url,
    version = camera.version + 1

-- name: move_zone
-- Puts a demo zone that is there already where the camera sees its ground now.
UPDATE zone z SET points = %(points)s, version = z.version + 1
FROM camera c WHERE c.id = z.camera_id AND c.code = %(camera)s AND z.name = %(name)s AND z.points <> %(points)s::float8[]

-- name: add_zone
-- A demo zone; one of the same name on the same camera stays as it is.
INSERT INTO zone (camera_id, name, name_en, rule, points, classes, dwell_s, direction, priority, rearm_s, threshold,
                  clear, arrow, gauge_m, schedule)
SELECT c.id, %(name)s, %(name_en)s, %(rule)s, %(points)s::float8[], %(classes)s, %(dwell_s)s, %(direction)s,
       %(priority)s, %(rearm_s)s, %(threshold)s, %(clear)s, %(arrow)s::float8[], %(gauge_m)s::real[],
       %(schedule)s::integer[]
FROM camera c WHERE c.code = %(camera)s
  AND NOT EXISTS (SELECT 1 FROM zone z WHERE z.camera_id = c.id AND z.name = %(name)s)

-- name: add_map_zone
-- A demo zone on the map; one of the same name stays as it is.
INSERT INTO zone (camera_id, name, name_en, rule, points, classes, dwell_s, direction, priority, rearm_s, threshold,
                  schedule, ground)
SELECT NULL, %(name)s, %(name_en)s, %(rule)s, '{}', %(classes)s, %(dwell_s)s, %(direction)s, %(priority)s, %(rearm_s)s,
       %(threshold)s, %(schedule)s::integer[], %(ground)s::float8[]
WHERE NOT EXISTS (SELECT 1 FROM zone WHERE camera_id IS NULL AND name = %(name)s);

-- name: add_device
-- A vehicle's terminal or a fixed station.
INSERT INTO device (protocol, key, kind, name, name_en, datum, plate, service, geom)
VALUES (%(protocol)s, %(key)s, %(kind)s, %(name)s, %(name_en)s, %(datum)s, %(plate)s, %(service)s,
        ST_SetSRID(ST_Point(%(lon)s, %(lat)s), 4326))
ON CONFLICT (protocol, key) DO UPDATE SET kind = excluded.kind, name = excluded.name, name_en = excluded.name_en,
    datum = excluded.datum, plate = excluded.plate, service = excluded.service, geom = excluded.geom

-- name: add_threshold
-- A value of a station that calls for people.
INSERT INTO threshold (device_id, quantity, rising, limit_value, hysteresis, priority)
SELECT d.id, %(quantity)s, %(rising)s, %(limit_value)s, %(hysteresis)s, %(priority)s
FROM device d WHERE d.protocol = %(protocol)s AND d.key = %(key)s
ON CONFLICT (device_id, quantity, limit_value) DO NOTHING

-- name: add_unit
-- A crew with its vehicle's terminal and its station.
INSERT INTO unit (code, name, name_en, service, device_id, station_id, crew)
SELECT %(code)s, %(name)s, %(name_en)s, %(service)s, d.id,
       (SELECT p.id FROM place p WHERE p.source = 'demo' AND p.source_ref = %(station)s), %(crew)s
FROM device d WHERE d.protocol = 'jt808' AND d.key = %(key)s
ON CONFLICT (code) DO UPDATE SET name = excluded.name, name_en = excluded.name_en, device_id = excluded.device_id,
    station_id = excluded.station_id, crew = excluded.crew, version = unit.version + 1

-- name: pose_row
-- A camera with its own pose, the pose of one of its presets (preset_ before each value) and its picture's size.
SELECT c.id, c.code, c.version, c.ptz, c.ptz_home, ST_X(c.geom) AS lon, ST_Y(c.geom) AS lat,
       c.height_m, c.yaw_deg, c.pitch_deg, c.roll_deg, c.hfov_deg, c.pose_sigma_deg, c.pose_k1, c.pose_k2,
       c.pose_covariance,
       c.height_m AS preset_height_m, p.yaw_deg AS preset_yaw_deg, p.pitch_deg AS preset_pitch_deg,
       p.roll_deg AS preset_roll_deg, p.hfov_deg AS preset_hfov_deg, p.pose_sigma_deg AS preset_pose_sigma_deg,
       p.pose_k1 AS preset_pose_k1, p.pose_k2 AS preset_pose_k2, p.pose_covariance AS preset_pose_covariance,
       s.width_px, s.height_px
FROM camera c
LEFT JOIN camera_preset_pose p ON p.camera_id = c.id AND p.preset = %(preset)s
LEFT JOIN camera_state s ON s.camera_id = c.id
WHERE c.id = %(id)s;

-- name: control_points
-- The control points of a camera's own pose (preset '') or of a preset, by number.
SELECT number, x, y, ST_X(geom) AS lon, ST_Y(geom) AS lat, up_m
FROM camera_control_point WHERE camera_id = %(id)s AND preset = %(preset)s ORDER BY number;

-- name: control_points_clear
-- Removes them.
DELETE FROM camera_control_point WHERE camera_id = %(id)s AND preset = %(preset)s;

-- name: control_point_add
-- Adds one.
INSERT INTO camera_control_point (camera_id, preset, number, x, y, geom, up_m)
VALUES (%(id)s, %(preset)s, %(number)s, %(x)s, %(y)s, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), %(up_m)s);

-- name: camera_touch
-- Raises a camera's version, which tells all who show or watch it.
UPDATE camera SET version = version + 1 WHERE id = %(id)s;

-- name: pose_write
-- Writes a camera's own pose as it was fitted.
UPDATE camera SET geom = ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), height_m = %(height_m)s,
    yaw_deg = %(yaw_deg)s, pitch_deg = %(pitch_deg)s, roll_deg = %(roll_deg)s, hfov_deg = %(hfov_deg)s,
    pose_k1 = %(k1)s, pose_k2 = %(k2)s, pose_covariance = %(covariance)s
WHERE id = %(id)s;

-- name: preset_pose_write
-- Writes the pose of a preset.
INSERT INTO camera_preset_pose (camera_id, preset, yaw_deg, pitch_deg, roll_deg, hfov_deg, pose_k1, pose_k2,
                                pose_covariance)
VALUES (%(id)s, %(preset)s, %(yaw_deg)s, %(pitch_deg)s, %(roll_deg)s, %(hfov_deg)s, %(k1)s, %(k2)s, %(covariance)s)
ON CONFLICT (camera_id, preset) DO UPDATE SET yaw_deg = excluded.yaw_deg, pitch_deg = excluded.pitch_deg,
    roll_deg = excluded.roll_deg, hfov_deg = excluded.hfov_deg, pose_k1 = excluded.pose_k1,
    pose_k2 = excluded.pose_k2, pose_covariance = excluded.pose_covariance;

-- name: preset_pose_forget
-- A preset that was moved or removed has no pose any more.
DELETE FROM camera_preset_pose WHERE camera_id = %(id)s AND preset = %(preset)s;

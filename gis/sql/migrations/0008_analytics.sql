-- Analytics: zones of every rule, drawn in a picture or on the map; events without a track; what is kept of a track.
ALTER TABLE zone
    DROP CONSTRAINT zone_rule_check,
    DROP CONSTRAINT zone_points_check,
    ALTER COLUMN camera_id DROP NOT NULL,
    ADD COLUMN arrow double precision[],
    ADD COLUMN schedule integer[] NOT NULL DEFAULT '{}',
    ADD COLUMN min_size_m real NOT NULL DEFAULT 0 CHECK (min_size_m >= 0),
    ADD COLUMN threshold real,
    ADD COLUMN clear real,
    ADD COLUMN gauge_m real[] CHECK (array_length(gauge_m, 1) = 2),
    ADD COLUMN ground double precision[],
    ADD CONSTRAINT zone_rule CHECK (rule IN (
        'intrusion', 'line_crossing', 'wrong_way', 'loitering', 'people_count', 'crowd_density',
        'abnormal_motion', 'fast_motion', 'stopped_vehicle', 'congestion', 'left_object', 'removed_object',
        'smoke', 'fire', 'water_on_road', 'water_level', 'camera_occluded', 'camera_blurred',
        'camera_moved', 'camera_dark', 'camera_frozen')),
    ADD CONSTRAINT zone_drawn CHECK (array_length(points, 1) % 2 = 0 AND array_length(ground, 1) % 2 = 0
        AND array_length(arrow, 1) = 4 AND array_length(schedule, 1) % 2 = 0),
    ADD CONSTRAINT zone_one_place CHECK ((camera_id IS NULL) = (ground IS NOT NULL)
        AND (camera_id IS NOT NULL OR points = '{}'));

ALTER TABLE event ADD COLUMN value real;

ALTER TABLE track
    ADD COLUMN label text,
    ADD COLUMN colour text CHECK (colour IN (
        'black', 'white', 'gray', 'red', 'orange', 'yellow', 'green', 'blue', 'purple', 'brown')),
    ADD COLUMN heading_deg real CHECK (heading_deg >= 0 AND heading_deg < 360),
    ADD COLUMN standing_s real NOT NULL DEFAULT 0,
    ADD COLUMN snapshot text,
    ADD COLUMN look real[];

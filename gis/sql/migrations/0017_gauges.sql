-- Analytics: what water gauges in the picture read.
CREATE TABLE gauge_reading (
    zone_id       integer NOT NULL REFERENCES zone (id) ON DELETE CASCADE,
    at            timestamptz NOT NULL,
    level_m       real NOT NULL,
    PRIMARY KEY (zone_id, at)
);

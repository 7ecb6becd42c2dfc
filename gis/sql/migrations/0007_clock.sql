-- What the stream itself tells of a camera: its own clock by RTCP, and packets it never sent.
ALTER TABLE camera_state
    ADD COLUMN camera_clock_offset_s real,
    ADD COLUMN packets_lost bigint NOT NULL DEFAULT 0;

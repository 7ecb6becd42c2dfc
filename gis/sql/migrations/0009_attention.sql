-- Cameras that must be worked on to the last when there is too much to do: those near an open incident.
CREATE TABLE camera_attention (
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    why           text NOT NULL,
    until         timestamptz NOT NULL,
    PRIMARY KEY (camera_id, why)
);

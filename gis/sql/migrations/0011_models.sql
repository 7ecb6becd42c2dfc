-- Detection models with their licences and checksums, and proposals that tracks of two cameras are of one thing.
CREATE TABLE model (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL UNIQUE CHECK (name <> ''),
    sha256        text NOT NULL UNIQUE CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    purpose       text NOT NULL CHECK (purpose IN ('detect', 'look')),
    family        text NOT NULL CHECK (family IN ('yolox', 'nanodet', 'picodet', 'persons', 'look')),
    width_px      integer NOT NULL CHECK (width_px > 0),
    height_px     integer NOT NULL CHECK (height_px > 0),
    classes       text[] NOT NULL,
    size_bytes    bigint NOT NULL CHECK (size_bytes > 0),
    licence       text NOT NULL CHECK (licence <> ''),
    source        text,
    active        boolean NOT NULL DEFAULT false,
    added_by      text NOT NULL,
    added_at      timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX model_one_active ON model (purpose) WHERE active;
CREATE TRIGGER model_notify AFTER INSERT OR UPDATE ON model
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('model');
CREATE TRIGGER model_gone_notify AFTER DELETE ON model
    FOR EACH ROW EXECUTE FUNCTION notify_old_row_id('model');

CREATE TABLE track_link (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    from_uid      uuid NOT NULL REFERENCES track (uid) ON DELETE CASCADE,
    to_uid        uuid NOT NULL REFERENCES track (uid) ON DELETE CASCADE,
    probability   real NOT NULL CHECK (probability BETWEEN 0 AND 1),
    gap_s         real NOT NULL,
    distance_m    real NOT NULL CHECK (distance_m >= 0),
    why           text NOT NULL,
    why_en        text NOT NULL,
    made_at       timestamptz NOT NULL,
    decision      text CHECK (decision IN ('confirmed', 'rejected')),
    decided_by    text,
    decided_at    timestamptz,
    UNIQUE (from_uid, to_uid),
    CONSTRAINT track_link_two CHECK (from_uid <> to_uid),
    CONSTRAINT track_link_decided CHECK ((decision IS NULL) = (decided_by IS NULL)
        AND (decision IS NULL) = (decided_at IS NULL))
);
CREATE INDEX track_link_to ON track_link (to_uid);

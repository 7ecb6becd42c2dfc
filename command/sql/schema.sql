-- command: alarms, incidents, units and the people who move.

-- A crew with a vehicle. Its operational status is derived from its open assignment, else from duty.
CREATE TABLE unit (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code          text NOT NULL UNIQUE,              -- what is said on the radio: P-03
    name          text NOT NULL,
    name_en       text,
    service       text NOT NULL CHECK (service IN ('police', 'fire', 'ambulance', 'municipal')),
    device_id     integer UNIQUE REFERENCES device (id),   -- its GPS terminal
    station_id    integer REFERENCES place (id) ON DELETE SET NULL,
    crew          smallint NOT NULL DEFAULT 2 CHECK (crew >= 0),
    duty          text NOT NULL DEFAULT 'available' CHECK (duty IN ('off', 'available', 'unavailable', 'out_of_service')),
    version       integer NOT NULL DEFAULT 1
);

-- An incident's number is what people say; it never repeats.
CREATE TABLE incident (
    id            integer GENERATED ALWAYS AS IDENTITY (START 1001) PRIMARY KEY,
    type          text NOT NULL,                     -- intrusion, fire, flood, traffic, medical, pipe_burst, pollution, panic, other
    title         text NOT NULL CHECK (title <> ''),
    title_en      text,                              -- null: a person wrote the title, it stands for both languages
    priority      smallint NOT NULL CHECK (priority BETWEEN 1 AND 4),   -- P1..P4, dispatch urgency
    level         smallint CHECK (level BETWEEN 1 AND 4),               -- I..IV, scale
    state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'assigned', 'enroute', 'onscene', 'controlled',
                                                                'clearing', 'closed', 'false_alarm', 'cancelled')),
    geom          geometry(Point, 4326) NOT NULL,
    place         text,
    place_en      text,
    opened_by     text NOT NULL,
    opened_at     timestamptz NOT NULL DEFAULT now(),
    closed_at     timestamptz,
    close_note    text,
    version       integer NOT NULL DEFAULT 1,
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CHECK ((closed_at IS NOT NULL) = (state IN ('closed', 'false_alarm', 'cancelled')))
);
CREATE INDEX incident_open ON incident (priority, opened_at) WHERE closed_at IS NULL;
CREATE INDEX incident_geom ON incident USING gist (geom);

-- Something that wants an officer's eye. Exactly one source. Repeats of one cause raise count, not rows.
CREATE TABLE alarm (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state         text NOT NULL DEFAULT 'raised' CHECK (state IN ('raised', 'acked', 'shelved', 'linked', 'dismissed', 'cleared')),
    priority      smallint NOT NULL CHECK (priority BETWEEN 1 AND 4),
    kind          text NOT NULL,                     -- intrusion, line_crossing, sos, threshold, or a system event's kind
    cause         text NOT NULL,                     -- what repeats fold on, e.g. 'zone:7'
    event_id      bigint REFERENCES event (id),      -- the newest one
    device_event_id bigint REFERENCES device_event (id),
    camera_id     integer REFERENCES camera (id),
    device_id     integer REFERENCES device (id),
    first_at      timestamptz NOT NULL,
    last_at       timestamptz NOT NULL,
    count         integer NOT NULL DEFAULT 1 CHECK (count > 0),
    geom          geometry(Point, 4326),
    place         text,
    place_en      text,
    title         text NOT NULL,                     -- one sentence, zh-CN
    title_en      text NOT NULL,
    incident_id   integer REFERENCES incident (id),
    handled_by    text,
    handled_at    timestamptz,
    dismiss_reason text,
    shelved_until timestamptz,
    version       integer NOT NULL DEFAULT 1,
    system_event_id bigint REFERENCES system_event (id),
    dismiss_code  text,                              -- why it was dismissed, from the short list; null: in words only
    CONSTRAINT alarm_one_source CHECK (num_nonnulls(event_id, device_event_id, system_event_id) = 1),
    CONSTRAINT alarm_linked CHECK ((state = 'linked') <= (incident_id IS NOT NULL)),
    CONSTRAINT alarm_dismissed CHECK ((state = 'dismissed') = (dismiss_reason IS NOT NULL)),
    CONSTRAINT alarm_dismiss_code CHECK (dismiss_code IS NULL OR (state = 'dismissed' AND dismiss_code IN (
        'tree', 'weather', 'light', 'animal', 'insect', 'reflection', 'shake', 'other_false',
        'staff', 'allowed', 'exercise', 'other')))
);
CREATE UNIQUE INDEX alarm_one_per_cause ON alarm (cause) WHERE state IN ('raised', 'acked');
CREATE INDEX alarm_cause ON alarm (cause, last_at);
CREATE INDEX alarm_open ON alarm (priority, last_at) WHERE state IN ('raised', 'acked', 'shelved');
CREATE INDEX alarm_time ON alarm (last_at);
CREATE INDEX alarm_incident ON alarm (incident_id);
CREATE INDEX alarm_decided ON alarm (handled_at) WHERE state IN ('dismissed', 'linked', 'cleared');

-- Which events an alarm stands for.
CREATE TABLE alarm_event (
    alarm_id      integer NOT NULL REFERENCES alarm (id) ON DELETE CASCADE,
    event_id      bigint REFERENCES event (id),
    device_event_id bigint REFERENCES device_event (id),
    system_event_id bigint REFERENCES system_event (id),
    CONSTRAINT alarm_event_one_source CHECK (num_nonnulls(event_id, device_event_id, system_event_id) = 1)
);
CREATE UNIQUE INDEX alarm_event_once ON alarm_event (event_id) WHERE event_id IS NOT NULL;
CREATE UNIQUE INDEX alarm_device_event_once ON alarm_event (device_event_id) WHERE device_event_id IS NOT NULL;
CREATE UNIQUE INDEX alarm_system_event_once ON alarm_event (system_event_id) WHERE system_event_id IS NOT NULL;

-- A unit sent to an incident; the timestamps are the truth, the state is derived from them.
CREATE TABLE assignment (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id   integer NOT NULL REFERENCES incident (id),
    unit_id       integer NOT NULL REFERENCES unit (id),
    dispatched_by text NOT NULL,
    dispatched_at timestamptz NOT NULL,
    acknowledged_at timestamptz,
    enroute_at    timestamptz,
    onscene_at    timestamptz,
    cleared_at    timestamptz,
    declined_at   timestamptz,
    recalled_at   timestamptz,
    decline_reason text,
    no_ack_at     timestamptz,                       -- when the dispatcher was told that nobody answered
    eta_s         real,                              -- at dispatch
    distance_m    real,                              -- along the road, at dispatch
    note          text,
    version       integer NOT NULL DEFAULT 1,
    ended_at      timestamptz GENERATED ALWAYS AS (coalesce(cleared_at, declined_at, recalled_at)) STORED
);
CREATE UNIQUE INDEX assignment_one_per_unit ON assignment (unit_id)
    WHERE cleared_at IS NULL AND declined_at IS NULL AND recalled_at IS NULL;
CREATE INDEX assignment_incident ON assignment (incident_id);

-- What happened, in order, for good. hash = sha256(prev_hash || canonical JSON of the entry), hex.
CREATE TABLE log_entry (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id   integer NOT NULL REFERENCES incident (id),
    seq           integer NOT NULL CHECK (seq > 0),
    kind          text NOT NULL,                     -- opened, alarm_linked, note, dispatched, acknowledged, enroute, onscene, cleared, declined, recalled, undone, no_ack, evidence_held, edited, closed, reopened
    actor         text NOT NULL,
    t_event       timestamptz NOT NULL,              -- when it happened
    t_recorded    timestamptz NOT NULL DEFAULT now(),-- when we heard of it
    body          jsonb NOT NULL DEFAULT '{}',       -- facts by name; the screen words them in its language
    prev_hash     text NOT NULL,
    hash          text NOT NULL,
    UNIQUE (incident_id, seq)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER log_entry_append_only BEFORE UPDATE OR DELETE ON log_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_entry_no_truncate BEFORE TRUNCATE ON log_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A field action done once, however often the phone sends it.
CREATE TABLE idempotency (
    key           text PRIMARY KEY CHECK (length(key) BETWEEN 8 AND 100),
    actor         text NOT NULL,
    request_hash  text NOT NULL,
    response      jsonb NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TRIGGER alarm_notify AFTER INSERT OR UPDATE ON alarm
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('alarm');
CREATE TRIGGER incident_notify AFTER INSERT OR UPDATE ON incident
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('incident');
CREATE TRIGGER assignment_notify AFTER INSERT OR UPDATE ON assignment
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('assignment');
CREATE TRIGGER unit_notify AFTER INSERT OR UPDATE ON unit
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('unit');
CREATE TRIGGER log_entry_notify AFTER INSERT ON log_entry
    FOR EACH ROW EXECUTE FUNCTION notify_row_id('log_entry');

-- What somebody decided about a proposal to make a rule less noisy; a declined one is not made again for a while.
CREATE TABLE noise_decision (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    rule          text NOT NULL,
    zone_id       integer REFERENCES zone (id) ON DELETE CASCADE,  -- null: the rule that every camera has
    kind          text NOT NULL CHECK (kind IN ('ignore', 'min_size', 'dwell', 'threshold', 'schedule')),
    outcome       text NOT NULL CHECK (outcome IN ('applied', 'declined')),
    detail        jsonb NOT NULL,                    -- the change, and what the record said of it
    decided_by    text NOT NULL,
    decided_at    timestamptz NOT NULL
);
CREATE INDEX noise_decision_of ON noise_decision (camera_id, rule, decided_at);

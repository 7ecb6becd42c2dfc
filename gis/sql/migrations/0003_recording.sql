-- Recordings that prove themselves: sound, hashes and the chain of each file, gaps inside it, where it lies; and the
-- ledger that says why footage is missing.
ALTER TABLE segment
    ADD COLUMN stream text NOT NULL DEFAULT 'main' CHECK (stream IN ('main', 'sub')),
    ADD COLUMN tier smallint NOT NULL DEFAULT 0,
    ADD COLUMN audio_codec text,
    ADD COLUMN media_start_90k bigint,
    ADD COLUMN frag_video_length integer[],
    ADD COLUMN frag_key boolean[],
    ADD COLUMN frag_sha256 bytea,
    ADD COLUMN hole_start_90k integer[] NOT NULL DEFAULT '{}',
    ADD COLUMN hole_end_90k integer[] NOT NULL DEFAULT '{}',
    ADD COLUMN chain_before bytea CHECK (octet_length(chain_before) = 32),
    ADD COLUMN chain_after bytea CHECK (octet_length(chain_after) = 32),
    ADD COLUMN clock_offset_s real,
    ADD COLUMN clock_error_s real,
    ADD CONSTRAINT segment_hashes CHECK (octet_length(frag_sha256) = 32 * cardinality(frag_offset)),
    ADD CONSTRAINT segment_holes CHECK (cardinality(hole_start_90k) = cardinality(hole_end_90k));

ALTER TABLE camera_state
    DROP CONSTRAINT camera_state_state_check,
    ADD CONSTRAINT camera_state_state_check CHECK (
        state IN ('off', 'connecting', 'online', 'stalled', 'unreachable', 'refused', 'no_key_frame', 'unsupported',
                  'disk_full', 'disk_slow', 'disk_failed', 'stopped'));

CREATE TABLE camera_state_log (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    camera_id     integer NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
    at            timestamptz NOT NULL,
    state         text NOT NULL CHECK (state IN ('recording', 'waiting', 'missing')),
    reason        text CHECK (reason IN ('refused', 'unreachable', 'no_packets', 'no_key_frame', 'unsupported',
                                         'clock_step', 'disk_full', 'disk_slow', 'disk_failed', 'switched_off',
                                         'process_stopped', 'unknown')),
    detail        text NOT NULL DEFAULT '',
    CONSTRAINT camera_state_log_reason CHECK ((state = 'missing') = (reason IS NOT NULL)),
    CONSTRAINT camera_state_log_once UNIQUE NULLS NOT DISTINCT (camera_id, at, state, reason)
);

CREATE TABLE ingest_run (
    uid           uuid PRIMARY KEY,
    started_at    timestamptz NOT NULL,
    seen_at       timestamptz NOT NULL,
    ended_at      timestamptz,
    CHECK (seen_at >= started_at)
);
CREATE INDEX ingest_run_seen ON ingest_run (seen_at);

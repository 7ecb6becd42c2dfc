-- A second stream per camera, the role of each, audio, and pan-tilt-zoom by ONVIF.
ALTER TABLE camera
    ADD COLUMN sub_url text,
    ADD COLUMN record_stream text NOT NULL DEFAULT 'main' CHECK (record_stream IN ('main', 'sub')),
    ADD COLUMN analyse_stream text NOT NULL DEFAULT 'main' CHECK (analyse_stream IN ('main', 'sub')),
    ADD COLUMN publish_stream text NOT NULL DEFAULT 'main' CHECK (publish_stream IN ('main', 'sub')),
    ADD COLUMN audio boolean NOT NULL DEFAULT true,
    ADD COLUMN onvif_url text,
    ADD COLUMN onvif_profile text,
    ADD COLUMN ptz boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT camera_sub_there CHECK (
        sub_url IS NOT NULL OR 'sub' NOT IN (record_stream, analyse_stream, publish_stream));

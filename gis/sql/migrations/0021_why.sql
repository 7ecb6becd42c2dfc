-- Ingest: what is wrong with a camera, a storage tier or an export, by a code and what it names, so that screens word it in any language.
-- Rows of before have the sentence alone.
ALTER TABLE camera_state ADD COLUMN why jsonb;
ALTER TABLE camera_state_log ADD COLUMN why jsonb;
ALTER TABLE storage_tier ADD COLUMN why jsonb;
ALTER TABLE export_job ADD COLUMN why jsonb;

-- name: models
-- Every model, detectors first.
SELECT id, name, sha256, purpose, family, width_px, height_px, classes, size_bytes, licence, source, active, added_by,
       added_at
FROM model
ORDER BY purpose, name;

-- name: insert_model
-- A model's row; none comes back when its file is kept already.
INSERT INTO model (name, sha256, purpose, family, width_px, height_px, classes, size_bytes, licence, source, added_by)
VALUES (%(name)s, %(sha256)s, %(purpose)s, %(family)s, %(width_px)s, %(height_px)s, %(classes)s, %(size_bytes)s,
        %(licence)s, %(source)s, %(added_by)s)
RETURNING id;

-- name: rest_models
-- No model of a purpose is asked any more.
UPDATE model SET active = false WHERE purpose = %(purpose)s AND active AND id <> %(but)s;

-- name: use_model
-- One model is asked from now on.
UPDATE model SET active = true WHERE id = %(id)s AND NOT active;

-- name: delete_model
-- Removes a model's row.
DELETE FROM model WHERE id = %(id)s;

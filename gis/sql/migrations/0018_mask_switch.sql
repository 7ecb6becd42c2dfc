-- Analytics: a privacy mask can be switched off without being removed.
ALTER TABLE privacy_mask ADD COLUMN enabled boolean NOT NULL DEFAULT true;

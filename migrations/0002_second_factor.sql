-- The second factor: a set-up that waits for its first code, and recovery codes.
ALTER TABLE admin ADD COLUMN totp_pending BLOB CHECK (totp_pending IS NULL OR length(totp_pending) = 20);
ALTER TABLE admin ADD COLUMN totp_pending_until INTEGER NOT NULL DEFAULT 0;

CREATE TABLE recovery_code (
    admin_id  INTEGER NOT NULL REFERENCES admin (id) ON DELETE CASCADE,
    hash      BLOB NOT NULL CHECK (length(hash) = 32),
    used_at   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (admin_id, hash)
) STRICT;

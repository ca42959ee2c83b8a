-- Configuration by revision, drafts, accounts, audit, certificates.
-- Times are milliseconds since 1970 UTC, 0 for never; secrets are kept as SHA-256.

-- Small facts about this installation that are no configuration.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- One row for each commit; the newest is in force.
CREATE TABLE revision (
    number           INTEGER PRIMARY KEY CHECK (number > 0),
    author           TEXT NOT NULL,
    author_name      TEXT NOT NULL,
    via              TEXT NOT NULL,
    comment          TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    added            INTEGER NOT NULL,
    changed          INTEGER NOT NULL,
    removed          INTEGER NOT NULL,
    content_hash     BLOB NOT NULL CHECK (length(content_hash) = 32),
    confirm_within   INTEGER NOT NULL,  -- seconds; 0: nothing to confirm
    confirm_boot_id  TEXT NOT NULL,
    confirm_boot_ms  INTEGER NOT NULL,
    confirm_wall_ms  INTEGER NOT NULL,
    confirmed_at     INTEGER NOT NULL DEFAULT 0,
    confirmed_by     TEXT NOT NULL DEFAULT '',
    reverted_by      INTEGER REFERENCES revision (number),
    reverts          INTEGER REFERENCES revision (number)
) STRICT;

-- One row for each span of revisions in which an object did not change.
CREATE TABLE object (
    kind           TEXT NOT NULL CHECK (kind <> ''),
    key            TEXT NOT NULL CHECK (key <> ''),
    from_revision  INTEGER NOT NULL REFERENCES revision (number),
    to_revision    INTEGER REFERENCES revision (number),  -- first one without it; NULL: lives
    body           TEXT NOT NULL,
    UNIQUE (kind, key, from_revision),
    CHECK (to_revision IS NULL OR to_revision > from_revision)
) STRICT;
-- An object lives at most once.
CREATE UNIQUE INDEX object_alive ON object (kind, key) WHERE to_revision IS NULL;
-- What a revision began and ended.
CREATE INDEX object_from ON object (from_revision);
CREATE INDEX object_to ON object (to_revision) WHERE to_revision IS NOT NULL;

-- Staged changes. No reference to an owner: the local socket's users have no account.
CREATE TABLE draft (
    owner          TEXT NOT NULL CHECK (owner <> ''),
    kind           TEXT NOT NULL CHECK (kind <> ''),
    key            TEXT NOT NULL CHECK (key <> ''),
    op             TEXT NOT NULL CHECK (op IN ('put', 'patch', 'delete')),
    base_revision  INTEGER NOT NULL,
    body           TEXT CHECK ((body IS NULL) = (op = 'delete')),
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    PRIMARY KEY (owner, kind, key)
) STRICT;

CREATE TABLE admin (
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,
    name                 TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (name <> ''),
    role                 TEXT NOT NULL CHECK (role IN ('administrator', 'operator',
                             'user_administrator', 'help_desk', 'viewer')),
    password             TEXT NOT NULL,  -- encoded Argon2id; '': cannot sign in
    disabled             INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    created_at           INTEGER NOT NULL,
    last_sign_in         INTEGER NOT NULL DEFAULT 0,
    password_changed_at  INTEGER NOT NULL,
    totp_secret          BLOB,           -- NULL: no second factor
    totp_last_step       INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE session (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    admin_id    INTEGER NOT NULL REFERENCES admin (id) ON DELETE CASCADE,
    token_hash  BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_at  INTEGER NOT NULL,
    last_seen   INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    address     TEXT NOT NULL,
    user_agent  TEXT NOT NULL
) STRICT;
CREATE INDEX session_admin ON session (admin_id);

CREATE TABLE token (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    admin_id    INTEGER NOT NULL REFERENCES admin (id) ON DELETE CASCADE,
    label       TEXT NOT NULL,
    role        TEXT NOT NULL CHECK (role IN ('administrator', 'operator',
                    'user_administrator', 'help_desk', 'viewer')),
    token_hash  BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    prefix      TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    last_used   INTEGER NOT NULL DEFAULT 0,
    revoked_at  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX token_admin ON token (admin_id);

-- The link of the first start: one row at most.
CREATE TABLE setup_link (
    only        INTEGER PRIMARY KEY CHECK (only = 1),
    hash        BLOB NOT NULL CHECK (length(hash) = 32),
    expires_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
    seq       INTEGER PRIMARY KEY CHECK (seq > 0),
    at        INTEGER NOT NULL,
    who       TEXT NOT NULL,
    who_name  TEXT NOT NULL,
    via       TEXT NOT NULL,
    address   TEXT NOT NULL,
    action    TEXT NOT NULL CHECK (action <> ''),
    kind      TEXT NOT NULL,
    key       TEXT NOT NULL,
    before    TEXT,
    after     TEXT,
    outcome   TEXT NOT NULL CHECK (outcome <> ''),
    detail    TEXT NOT NULL,
    revision  INTEGER NOT NULL,
    mac       BLOB NOT NULL CHECK (length(mac) = 32)  -- over this row and the mac of the one before
) STRICT;
CREATE INDEX audit_object ON audit (kind, key, seq);
CREATE INDEX audit_revision ON audit (revision) WHERE revision > 0;

CREATE TABLE certificate (
    id             TEXT PRIMARY KEY CHECK (length(id) = 64),
    friendly_name  TEXT NOT NULL,
    pem            TEXT NOT NULL,
    subject        TEXT NOT NULL,
    issuer         TEXT NOT NULL,
    names          TEXT NOT NULL,
    not_before     INTEGER NOT NULL,
    not_after      INTEGER NOT NULL,
    has_key        INTEGER NOT NULL CHECK (has_key IN (0, 1)),  -- keys/ID.key
    exportable     INTEGER NOT NULL CHECK (exportable IN (0, 1)),
    cert_file      TEXT,
    key_file       TEXT,
    created_at     INTEGER NOT NULL
) STRICT;

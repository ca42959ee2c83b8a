-- Commits that wait: for a second administrator (the four-eyes rule), for their time, or for both.

CREATE TABLE approval (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    state             TEXT NOT NULL CHECK (state IN ('waiting', 'scheduled', 'committed',
                          'rejected', 'failed')),
    author            TEXT NOT NULL CHECK (author <> ''),
    author_name       TEXT NOT NULL,
    author_role       TEXT NOT NULL,     -- in force when it was asked for
    person            INTEGER NOT NULL,  -- the author's account; 0: the local socket
    via               TEXT NOT NULL,
    address           TEXT NOT NULL,
    comment           TEXT NOT NULL,
    created_at        INTEGER NOT NULL,
    due_at            INTEGER NOT NULL,  -- 0: as soon as it is approved
    confirm_within    INTEGER NOT NULL,
    from_draft        INTEGER NOT NULL CHECK (from_draft IN (0, 1)),
    changes           TEXT NOT NULL,     -- [{op, kind, key, base, body}]
    approved_by       TEXT NOT NULL DEFAULT '',
    approved_by_name  TEXT NOT NULL DEFAULT '',
    approved_at       INTEGER NOT NULL DEFAULT 0,
    closed_by         TEXT NOT NULL DEFAULT '',
    closed_by_name    TEXT NOT NULL DEFAULT '',
    closed_at         INTEGER NOT NULL DEFAULT 0,
    closed_comment    TEXT NOT NULL DEFAULT '',
    revision          INTEGER REFERENCES revision (number),
    outcome           TEXT               -- JSON: why it failed
) STRICT;
CREATE INDEX approval_open ON approval (state, due_at) WHERE state IN ('waiting', 'scheduled');

-- Who approved it; '': nobody had to.
ALTER TABLE revision ADD COLUMN approved_by TEXT NOT NULL DEFAULT '';
ALTER TABLE revision ADD COLUMN approved_by_name TEXT NOT NULL DEFAULT '';

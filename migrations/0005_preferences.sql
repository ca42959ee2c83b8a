-- How the panel looks for an administrator: language and theme. No row, or NULL: as the browser wishes.
CREATE TABLE preference (
    admin_id  INTEGER PRIMARY KEY REFERENCES admin (id) ON DELETE CASCADE,
    language  TEXT CHECK (language IN ('en', 'de', 'zh')),
    theme     TEXT CHECK (theme IN ('light', 'dark'))
) STRICT;

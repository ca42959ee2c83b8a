-- How many changes each owner has staged of each kind, and a number that grows with every change of
-- them. Kept by triggers, so that whatever writes drafts keeps it: counting a draft of a hundred
-- thousand changes, or knowing whether it is still the one that was compiled, costs one row.
CREATE TABLE draft_total (
    owner       TEXT NOT NULL CHECK (owner <> ''),
    kind        TEXT NOT NULL CHECK (kind <> ''),
    changes     INTEGER NOT NULL CHECK (changes >= 0),
    generation  INTEGER NOT NULL,
    PRIMARY KEY (owner, kind)
) STRICT, WITHOUT ROWID;

INSERT INTO draft_total (owner, kind, changes, generation)
SELECT owner, kind, count(*), count(*) FROM draft GROUP BY owner, kind;

CREATE TRIGGER draft_added AFTER INSERT ON draft BEGIN
    INSERT INTO draft_total (owner, kind, changes, generation) VALUES (new.owner, new.kind, 1, 1)
    ON CONFLICT (owner, kind) DO UPDATE SET changes = changes + 1, generation = generation + 1;
END;

CREATE TRIGGER draft_removed AFTER DELETE ON draft BEGIN
    UPDATE draft_total SET changes = changes - 1, generation = generation + 1
    WHERE owner = old.owner AND kind = old.kind;
END;

-- An owner may change too: then the row leaves one draft and comes into another.
CREATE TRIGGER draft_changed AFTER UPDATE ON draft BEGIN
    UPDATE draft_total SET changes = changes - 1, generation = generation + 1
    WHERE owner = old.owner AND kind = old.kind;
    INSERT INTO draft_total (owner, kind, changes, generation) VALUES (new.owner, new.kind, 1, 1)
    ON CONFLICT (owner, kind) DO UPDATE SET changes = changes + 1, generation = generation + 1;
END;

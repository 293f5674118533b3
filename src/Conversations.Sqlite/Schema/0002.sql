-- Version 2. Frozen once released: what changes later goes into 0003.sql.

-- Token counts. The table is written anew, since a column that is added stands last: behind the content, a count could be
-- read only by way of all the pages of the content.
CREATE TABLE messages_2 (
    key        INTEGER PRIMARY KEY,         -- conversations.key << 32 | position
    run        INTEGER,                     -- runs.number; NULL if imported
    role       INTEGER NOT NULL,
    kind       INTEGER NOT NULL,
    format     INTEGER NOT NULL,            -- of the content: 0 = text, 1 = JSON
    flags      INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    tokens     INTEGER,                     -- what it costs in a prompt; NULL if it was not counted
    counter    TEXT,                        -- who counted; NULL with tokens
    content    TEXT NOT NULL
) STRICT;

INSERT INTO messages_2 (key, run, role, kind, format, flags, created_at, content)
SELECT key, run, role, kind, format, flags, created_at, content FROM messages ORDER BY key;

DROP TABLE messages;
ALTER TABLE messages_2 RENAME TO messages;

CREATE TABLE summaries (
    key        INTEGER PRIMARY KEY,         -- conversations.key << 32 | position of the last message that it covers
    messages   INTEGER NOT NULL,            -- how many messages it covers
    created_at INTEGER NOT NULL,
    tokens     INTEGER,                     -- as in messages
    counter    TEXT,
    text       TEXT NOT NULL
) STRICT;

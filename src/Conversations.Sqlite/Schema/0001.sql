-- Version 1. Frozen once released: what changes later goes into 0002.sql.
--
-- Times are UTC ticks (DateTimeOffset.UtcTicks: 100 ns since the year 1), spans are ticks.
-- Enumerations are the numbers of the .NET enumerations of the same name. Flags: 1 = partial.
-- There are no foreign keys: each row is written and deleted in one place of the store, within one transaction.

-- One row a scope. It outlives its conversations.
CREATE TABLE scopes (
    key        INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL UNIQUE,
    project    TEXT NOT NULL,
    agent      TEXT NOT NULL,
    channel    TEXT,
    user_id    TEXT,
    thread     TEXT,
    audience   TEXT NOT NULL,
    current    INTEGER                      -- conversations.key; NULL if the scope points to none
) STRICT;

-- AUTOINCREMENT: a key is the upper half of its messages' keys and is never given again.
CREATE TABLE conversations (
    key              INTEGER PRIMARY KEY AUTOINCREMENT CHECK (key < 0x80000000),
    id               TEXT NOT NULL UNIQUE,
    scope            INTEGER NOT NULL,      -- scopes.key
    project          TEXT NOT NULL,         -- as in scopes, for the indexes below
    audience         TEXT NOT NULL,         -- as in scopes, for the indexes below
    status           INTEGER NOT NULL,
    message_count    INTEGER NOT NULL,
    last_position    INTEGER NOT NULL CHECK (last_position < 0x100000000),
    created_at       INTEGER NOT NULL,
    last_activity_at INTEGER NOT NULL,
    last_message_at  INTEGER,
    ended_at         INTEGER,
    run              INTEGER NOT NULL,      -- the number of its last run, which is the current fence; 0 before the first
    lease_until      INTEGER NOT NULL,      -- 0: the lease is free
    lease_duration   INTEGER NOT NULL,
    title            TEXT
) STRICT;

-- Lists, newest first: for a caller, audience by audience, and for the host.
CREATE INDEX conversations_by_audience ON conversations (project, audience, last_activity_at, id);
CREATE INDEX conversations_by_project ON conversations (project, last_activity_at, id);

CREATE TABLE messages (
    key        INTEGER PRIMARY KEY,         -- conversations.key << 32 | position
    run        INTEGER,                     -- runs.number; NULL if imported
    role       INTEGER NOT NULL,
    kind       INTEGER NOT NULL,
    format     INTEGER NOT NULL,            -- of the content: 0 = text, 1 = JSON
    flags      INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    content    TEXT NOT NULL
) STRICT;

-- AUTOINCREMENT: a number is a fence, so it only grows, deletions or not.
CREATE TABLE runs (
    number              INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation        INTEGER NOT NULL,   -- conversations.key
    previous            INTEGER NOT NULL,   -- the conversation's run before it, 0 for the first: a list without an index
    scope               INTEGER NOT NULL,   -- scopes.key
    caller              TEXT NOT NULL,      -- '' without identity
    status              INTEGER NOT NULL,
    model               TEXT,
    input_tokens        INTEGER,
    output_tokens       INTEGER,
    cached_input_tokens INTEGER,
    cost                TEXT,               -- a decimal number, written out
    error               TEXT,
    idempotency_key     TEXT,
    fingerprint         TEXT,
    input_position      INTEGER NOT NULL,
    input_count         INTEGER NOT NULL,
    output_position     INTEGER NOT NULL,
    output_count        INTEGER NOT NULL,
    started_at          INTEGER NOT NULL,
    ended_at            INTEGER
) STRICT;

CREATE UNIQUE INDEX runs_by_idempotency_key ON runs (scope, caller, idempotency_key) WHERE idempotency_key IS NOT NULL;

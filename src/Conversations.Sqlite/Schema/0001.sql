-- Version 1. Frozen once released: later changes go into 0002.sql.
--
-- Times are UTC ticks (DateTimeOffset.UtcTicks: 100 ns since the year 1), spans are ticks.
-- Enumerations are the numbers of the .NET enumerations of the same name.
-- What belongs to a conversation is keyed by the key of the conversation in the upper 32 bits and its own number in the lower 32 bits,
-- so that it lies together, is read in order and needs no index.
-- There are no foreign keys: each row is written and deleted in one place of the store, within one transaction.

-- One row for each scope. It outlives its conversations.
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

-- AUTOINCREMENT: a key is the upper half of other keys and is never used twice.
-- The open run is part of the row, so that a turn begins with one update: it has a row in runs when it is closed.
CREATE TABLE conversations (
    key                 INTEGER PRIMARY KEY AUTOINCREMENT CHECK (key < 0x80000000),
    id                  TEXT NOT NULL UNIQUE,
    scope               INTEGER NOT NULL,   -- scopes.key
    project             TEXT NOT NULL,      -- as in scopes, for the indexes below
    audience            TEXT NOT NULL,      -- as in scopes, for the indexes below
    version             INTEGER NOT NULL,
    history_revision    INTEGER NOT NULL,
    window_start        INTEGER NOT NULL,   -- the position at which the next window begins; 0 for the beginning
    last_failed_run     INTEGER NOT NULL,   -- the number of a run; 0 if none failed
    status              INTEGER NOT NULL,
    last_run_status     INTEGER,            -- NULL before the first run
    message_count       INTEGER NOT NULL,
    last_position       INTEGER NOT NULL CHECK (last_position < 0x100000000),
    used_position       INTEGER NOT NULL CHECK (used_position < 0x100000000),  -- the highest position that a message ever had
    created_at          INTEGER NOT NULL,
    last_activity_at    INTEGER NOT NULL,
    last_message_at     INTEGER,
    ended_at            INTEGER,
    last_run            INTEGER NOT NULL CHECK (last_run < 0x100000000),
    open_number         INTEGER CHECK (open_number < 0x100000000),             -- NULL if no run is open, with all that follow but the last two
    open_token          INTEGER,
    lease_until         INTEGER,
    lease_duration      INTEGER,
    open_caller         TEXT,               -- NULL without identity
    open_key            TEXT,               -- the idempotency key
    open_fingerprint    TEXT,
    open_input_position INTEGER,
    open_input_count    INTEGER,
    open_started_at     INTEGER,
    on_interruption     INTEGER,
    segment_retention   INTEGER,
    open_run            TEXT,               -- the whole run as JSON, and whether it was asked to stop; NULL if the columns above hold all of it
    title               TEXT,
    forked_from         TEXT,               -- the id of a message; NULL if it was not forked
    metadata            TEXT                -- the host's JSON object; NULL if there is none
) STRICT;

-- Lists, newest first: for a caller, audience by audience, and for the host.
CREATE INDEX conversations_by_audience ON conversations (project, audience, last_activity_at, id);
CREATE INDEX conversations_by_project ON conversations (project, last_activity_at, id);

-- The same for the host's list of what waits for results or approvals (5: RequiresAction), which are few among many. Other turns do not write it.
CREATE INDEX conversations_that_wait ON conversations (project, last_activity_at, id) WHERE last_run_status = 5;

-- The columns that decide whether a message is read precede the content: a message that is skipped costs no read of its content.
-- superseded_by follows it and is read only where the flag is set, as author is.
CREATE TABLE messages (
    key           INTEGER PRIMARY KEY,      -- conversations.key << 32 | position
    run           INTEGER,                  -- the number of the run that wrote it; NULL if imported
    role          INTEGER NOT NULL,
    kind          INTEGER NOT NULL,
    format        INTEGER NOT NULL,         -- of the content: ContentFormat
    flags         INTEGER NOT NULL,         -- 1: partial, 2: superseded, 4: has an author
    created_at    INTEGER NOT NULL,
    tokens        INTEGER,                  -- what it costs in a prompt; NULL if it was not counted
    counter       TEXT,                     -- by which counter; NULL with tokens
    author        TEXT,                     -- the name of its author; NULL if it has none
    checksum      INTEGER NOT NULL,         -- of the content, and of the author and what it is read by: Checksum
    content       TEXT NOT NULL,
    superseded_by INTEGER                   -- the number of a run; NULL while it is current
) STRICT;

-- Large data of messages (pictures, audio, files), once for each content within a scope, whatever number of messages has them.
CREATE TABLE data (
    key   INTEGER PRIMARY KEY,
    id    BLOB NOT NULL UNIQUE,             -- the digest of the session id of the scope and of the hash of the bytes: DataRow
    bytes BLOB NOT NULL
) STRICT;

-- Which messages have them. Data without a row here do not exist.
CREATE TABLE message_data (
    message INTEGER NOT NULL,               -- messages.key
    data    INTEGER NOT NULL,               -- data.key
    PRIMARY KEY (message, data)
) STRICT, WITHOUT ROWID;

CREATE INDEX message_data_by_data ON message_data (data);

-- Closed runs.
CREATE TABLE runs (
    key                 INTEGER PRIMARY KEY,                -- conversations.key << 32 | number
    status              INTEGER NOT NULL,
    caller              TEXT,               -- NULL without identity
    model               TEXT,
    finish_reason       TEXT,
    error               TEXT,
    idempotency_key     TEXT,
    fingerprint         TEXT,
    input_tokens        INTEGER,            -- NULL with the other numbers of tokens if the usage is not known
    output_tokens       INTEGER,
    cached_input_tokens INTEGER,
    cost                TEXT,               -- a decimal number, written out
    prompt_tokens       INTEGER,
    history_tokens      INTEGER,
    window_start        INTEGER,            -- the position at which its last window began; NULL if it showed no history
    input_position      INTEGER NOT NULL,
    input_count         INTEGER NOT NULL,
    output_position     INTEGER NOT NULL,
    output_count        INTEGER NOT NULL,
    started_at          INTEGER NOT NULL,
    ended_at            INTEGER,
    superseded_from     INTEGER,            -- the position of the first message that it superseded
    segments_expire_at  INTEGER,
    superseded_by       INTEGER,            -- the number of the last run that superseded a message of it; NULL if none did
    on_existing_input   INTEGER NOT NULL,   -- 1: it did not bring its input
    kind                INTEGER NOT NULL,
    replaced_position   INTEGER,            -- the position of the message that the input replaces; NULL if it replaces none
    cache_write_input_tokens INTEGER,
    reasoning_tokens    INTEGER,
    usage_by_model      TEXT                -- JSON; NULL if the run used one model
) STRICT;

-- The runs that answered the input of a conversation again. Most runs brought their input and are not in it.
CREATE INDEX runs_on_existing_input ON runs (key >> 32, input_position) WHERE on_existing_input;

-- The idempotency keys of open and closed runs, for their uniqueness and to find a run by its key.
CREATE TABLE idempotency_keys (
    scope  INTEGER NOT NULL,                -- scopes.key
    caller TEXT NOT NULL,                   -- '' without identity
    value  TEXT NOT NULL,
    run    INTEGER NOT NULL,                -- conversations.key << 32 | number
    PRIMARY KEY (scope, caller, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE summaries (
    key        INTEGER PRIMARY KEY,         -- conversations.key << 32 | position of the last message that it covers
    messages   INTEGER NOT NULL,            -- how many messages it covers
    created_at INTEGER NOT NULL,
    tokens     INTEGER,                     -- as in messages
    counter    TEXT,
    checksum   INTEGER NOT NULL,            -- of the text and of what it covers: Checksum
    text       TEXT NOT NULL
) STRICT;

-- The output of runs that stream.
CREATE TABLE segments (
    run      INTEGER NOT NULL,              -- conversations.key << 32 | number
    number   INTEGER NOT NULL,              -- 1, 2, 3 … within the run
    offset   INTEGER NOT NULL,              -- how much of the output precedes it
    checksum INTEGER NOT NULL,              -- of the content and of its place: Checksum
    content  TEXT NOT NULL,
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;

-- What callers think of messages: one for each message and caller. Few messages have any, so the indexes cost little.
CREATE TABLE feedback (
    conversation INTEGER NOT NULL,          -- conversations.key
    position     INTEGER NOT NULL,          -- of the message
    caller       TEXT NOT NULL,             -- '' without identity
    project      TEXT NOT NULL,             -- as in conversations, for the index below
    id           TEXT NOT NULL,             -- as in conversations, for the indexes below
    rating       INTEGER NOT NULL,
    comment      TEXT,                      -- NULL if there is none
    given_at     INTEGER NOT NULL,
    PRIMARY KEY (conversation, position, caller)
) STRICT, WITHOUT ROWID;

-- Newest first: of a conversation, and for the host.
CREATE INDEX feedback_by_conversation ON feedback (conversation, given_at, id, position, caller);
CREATE INDEX feedback_by_project ON feedback (project, given_at, id, position, caller);

-- Conversations that do not exist: deleted ones of which rows are left, and new ones until the last part of them is written.
-- Their rows in the tables above cannot be read. They are removed, some at a time: those of a new one if no part of it is written until the time in due.
CREATE TABLE removals (
    key   INTEGER PRIMARY KEY,              -- conversations.key, of no row there
    scope INTEGER NOT NULL,                 -- scopes.key, for the idempotency keys
    due   INTEGER NOT NULL                  -- 0: now
) STRICT;

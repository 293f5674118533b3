-- Version 4. Frozen once released: what changes later goes into 0005.sql.

-- Streams: what a run adds, saved while it is running. One row a run that streams, swept some time after the run has ended.
CREATE TABLE streams (
    conversation    INTEGER NOT NULL,       -- conversations.key
    run             INTEGER NOT NULL,       -- runs.number
    keep_for        INTEGER NOT NULL,       -- how long after the end of the run
    on_interruption INTEGER NOT NULL,
    PRIMARY KEY (conversation, run)
) STRICT, WITHOUT ROWID;

CREATE TABLE segments (
    run        INTEGER NOT NULL,            -- streams.run
    number     INTEGER NOT NULL,            -- 1, 2, 3 … within the run
    offset     INTEGER NOT NULL,            -- how much of the stream comes before it
    position   INTEGER NOT NULL,            -- of the message that it is part of
    role       INTEGER NOT NULL,
    format     INTEGER NOT NULL,            -- of the content, as in messages
    created_at INTEGER NOT NULL,
    content    TEXT NOT NULL,
    PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;

-- Runs. The table is written anew, without AUTOINCREMENT: to keep its counter cost every turn a page more. A number is a fence and is
-- never given again, so where the highest one is deleted, a row of no conversation keeps its place.
CREATE TABLE runs_4 (
    number              INTEGER PRIMARY KEY,
    conversation        INTEGER NOT NULL,   -- conversations.key; 0 for a row that keeps a place
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
    ended_at            INTEGER,
    superseded_by       INTEGER,            -- runs.number; NULL unless a message of it was superseded by another run
    prompt_tokens       INTEGER,            -- what its prompts cost, by the agent's counter; NULL if that was not counted
    history_tokens      INTEGER,            -- how much of that was history; NULL with prompt_tokens
    superseded_from     INTEGER             -- from which position on it superseded; NULL if it superseded nothing, or before this version
) STRICT;

INSERT INTO runs_4
SELECT number, conversation, previous, scope, caller, status, model, input_tokens, output_tokens, cached_input_tokens, cost, error, idempotency_key, fingerprint,
       input_position, input_count, output_position, output_count, started_at, ended_at, superseded_by, NULL, NULL, NULL
FROM runs ORDER BY number;

INSERT INTO runs_4 (number, conversation, previous, scope, caller, status, input_position, input_count, output_position, output_count, started_at)
SELECT seq, 0, 0, 0, '', 4, 0, 0, 0, 0, 0 FROM sqlite_sequence WHERE name = 'runs' AND seq > COALESCE((SELECT MAX(number) FROM runs), 0);

DROP TABLE runs;
ALTER TABLE runs_4 RENAME TO runs;

CREATE UNIQUE INDEX runs_by_idempotency_key ON runs (scope, caller, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- Whoever deletes the highest one, the place is kept, and the one that was kept before is not needed any more.
CREATE INDEX runs_that_keep_a_place ON runs (number) WHERE conversation = 0;

CREATE TRIGGER runs_keep_their_highest_number AFTER DELETE ON runs
WHEN NOT EXISTS (SELECT 1 FROM runs WHERE number >= OLD.number)
BEGIN
    INSERT INTO runs (number, conversation, previous, scope, caller, status, input_position, input_count, output_position, output_count, started_at)
    VALUES (OLD.number, 0, 0, 0, '', 4, 0, 0, 0, 0, 0);
    DELETE FROM runs WHERE conversation = 0 AND number < OLD.number;
END;

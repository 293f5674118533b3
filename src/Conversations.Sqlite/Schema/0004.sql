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

-- What the prompts of a run cost, and how much of that was history, by the agent's counter; NULL if it was not counted.
ALTER TABLE runs ADD COLUMN prompt_tokens INTEGER;
ALTER TABLE runs ADD COLUMN history_tokens INTEGER;

-- From which position on it superseded; NULL if it superseded nothing, or before this version.
ALTER TABLE runs ADD COLUMN superseded_from INTEGER;

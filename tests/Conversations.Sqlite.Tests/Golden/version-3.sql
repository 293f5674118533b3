-- What version 3 of the SQLite store wrote, below the schema of 0001.sql to 0003.sql: dumped from a file of its own and kept for good.
-- Texts with a line break or a NUL are written as bytes.

INSERT INTO scopes (key, session_id, project, agent, channel, user_id, thread, audience, current) VALUES
    (1, 'chat:cleo:support-bot', 'default', 'support-bot', 'chat', 'cleo', NULL, 'cleo', 2);

INSERT INTO conversations (key, id, scope, project, audience, status, message_count, last_position, created_at, last_activity_at, last_message_at, ended_at, run, lease_until, lease_duration, title, forked_from) VALUES
    (1, 'conv_answers', 1, 'default', 'cleo', 0, 7, 7, 638950000001234567, 638950000071234567, 638950000071234567, NULL, 6, 0, 600000000, 'Which is it?', NULL),
    (2, 'conv_fork', 1, 'default', 'cleo', 0, 3, 3, 638950000091234567, 638950000101234567, 638950000101234567, NULL, 7, 638950000701234567, 600000000, 'A fork', 'msg_answers_2');

INSERT INTO messages (key, run, role, kind, format, flags, created_at, tokens, counter, content, superseded_by) VALUES
    (4294967297, 1, 1, 0, 0, 0, 638950000001234567, 4, 'o200k_base', 'Which is it?', NULL),
    (4294967298, 1, 2, 0, 0, 0, 638950000011234567, NULL, NULL, 'The old one', NULL),
    (4294967299, 2, 1, 0, 0, 0, 638950000021234567, NULL, NULL, 'And now?', NULL),
    (4294967300, 2, 2, 0, 0, 3, 638950000031234567, NULL, NULL, 'It is', 6),
    (4294967301, 3, 2, 0, 0, 2, 638950000041234567, NULL, NULL, 'The new one', 5),
    (4294967302, 4, 2, 0, 0, 3, 638950000051234567, NULL, NULL, 'Half', 4),
    (4294967303, 6, 2, 0, 0, 0, 638950000071234567, NULL, NULL, CAST(X'4E6F772069742069730A68657265' AS TEXT), NULL),
    (8589934593, NULL, 1, 0, 0, 0, 638950000001234567, 4, 'o200k_base', 'Which is it?', NULL),
    (8589934594, NULL, 2, 0, 0, 0, 638950000011234567, NULL, NULL, 'The old one', NULL),
    (8589934595, 7, 1, 0, 0, 0, 638950000101234567, NULL, NULL, 'Go on', NULL);

INSERT INTO summaries (key, messages, created_at, tokens, counter, text) VALUES
    (4294967298, 2, 638950000081234567, 6, 'o200k_base', 'Which: the old one.');

INSERT INTO runs (number, conversation, previous, scope, caller, status, model, input_tokens, output_tokens, cached_input_tokens, cost, error, idempotency_key, fingerprint, input_position, input_count, output_position, output_count, started_at, ended_at, superseded_by) VALUES
    (1, 1, 0, 1, 'cleo', 1, 'model-3', 9, 3, 0, '0.25', NULL, 'key-1', 'f3', 1, 1, 2, 1, 638950000001234567, 638950000011234567, NULL),
    (2, 1, 1, 1, 'cleo', 2, NULL, NULL, NULL, NULL, NULL, 'TimeoutException', 'key-2', 'f3', 3, 1, 4, 1, 638950000021234567, 638950000031234567, 6),
    (3, 1, 2, 1, 'cleo', 1, NULL, NULL, NULL, NULL, NULL, NULL, 'key-3', 'f3', 1, 1, 5, 1, 638950000041234567, 638950000041234567, 5),
    (4, 1, 3, 1, 'cleo', 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, 1, 6, 1, 638950000051234567, 638950000051234567, NULL),
    (5, 1, 4, 1, 'cleo', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, 1, 0, 0, 638950000061234567, 638950000061234567, NULL),
    (6, 1, 5, 1, 'cleo', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 3, 1, 7, 1, 638950000071234567, 638950000071234567, NULL),
    (7, 2, 0, 1, 'cleo', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 3, 1, 0, 0, 638950000101234567, NULL, NULL);

UPDATE sqlite_sequence SET seq = 2 WHERE name = 'conversations';
UPDATE sqlite_sequence SET seq = 7 WHERE name = 'runs';

-- What version 2 of the SQLite store wrote, below the schema of 0001.sql and 0002.sql: dumped from a file of its own and kept for good.
-- Texts with a line break or a NUL are written as bytes.

INSERT INTO scopes (key, session_id, project, agent, channel, user_id, thread, audience, current) VALUES
    (1, 'chat:ada:support-bot', 'default', 'support-bot', 'chat', 'ada', NULL, 'ada', NULL),
    (2, 'chat:bob:support-bot', 'default', 'support-bot', 'chat', 'bob', NULL, 'bob', 2);

INSERT INTO conversations (key, id, scope, project, audience, status, message_count, last_position, created_at, last_activity_at, last_message_at, ended_at, run, lease_until, lease_duration, title) VALUES
    (1, 'conv_counted', 1, 'default', 'ada', 1, 3, 3, 638900000001234567, 638900000001234567, 638900000001234567, 638900000071234567, 0, 0, 0, 'Zähler'),
    (2, 'conv_turns', 2, 'default', 'bob', 0, 5, 6, 638900000021234567, 638900000071234567, 638900000071234567, NULL, 3, 638900000671234567, 600000000, 'Where is it?');

INSERT INTO messages (key, run, role, kind, format, flags, created_at, tokens, counter, content) VALUES
    (4294967297, NULL, 0, 0, 0, 0, 638900000001234567, 4, 'o200k_base', 'Be brief.'),
    (4294967298, NULL, 1, 0, 0, 0, 638900000001234567, 0, 'Zähler', CAST(X'4C696E65206F6E650A6C696E652074776F' AS TEXT)),
    (4294967299, NULL, 2, 0, 0, 1, 638900000001234567, NULL, NULL, 'Not counted'),
    (8589934593, 1, 1, 0, 0, 0, 638900000021234567, 3, 'o200k_base', 'Where is it?'),
    (8589934595, 2, 1, 0, 0, 0, 638900000041234567, 7, 'estimate', 'And now?'),
    (8589934596, 2, 2, 0, 0, 1, 638900000051234567, NULL, NULL, 'It has arr'),
    (8589934597, 2, 2, 3, 1, 0, 638900000051234567, NULL, NULL, '[{"type":"error","message":"no answer","code":"timeout"}]'),
    (8589934598, 3, 1, 0, 0, 0, 638900000071234567, 7, 'estimate', 'Hello?');

INSERT INTO summaries (key, messages, created_at, tokens, counter, text) VALUES
    (4294967298, 2, 638900000011234567, 5, 'o200k_base', CAST(X'412073686F72740A626567696E6E696E67' AS TEXT)),
    (8589934593, 1, 638900000061234567, NULL, NULL, 'He asks.');

INSERT INTO runs (number, conversation, previous, scope, caller, status, model, input_tokens, output_tokens, cached_input_tokens, cost, error, idempotency_key, fingerprint, input_position, input_count, output_position, output_count, started_at, ended_at) VALUES
    (1, 2, 0, 2, 'bob', 5, 'model-2', 9, 8, 7, '1.5', NULL, 'key-1', 'f2', 1, 1, 2, 1, 638900000021234567, 638900000031234567),
    (2, 2, 1, 2, 'bob', 2, NULL, NULL, NULL, NULL, NULL, 'TimeoutException', NULL, NULL, 3, 1, 4, 2, 638900000041234567, 638900000051234567),
    (3, 2, 2, 2, 'bob', 0, NULL, NULL, NULL, NULL, NULL, NULL, 'key-3', 'f2', 6, 1, 0, 0, 638900000071234567, NULL);

UPDATE sqlite_sequence SET seq = 3 WHERE name = 'conversations';
UPDATE sqlite_sequence SET seq = 4 WHERE name = 'runs';

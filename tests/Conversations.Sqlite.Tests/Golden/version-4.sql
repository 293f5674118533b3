-- What version 4 of the SQLite store wrote, below the schema of 0001.sql to 0004.sql: dumped from a file of its own and kept for good.
-- Texts with a line break or a NUL are written as bytes.

INSERT INTO scopes (key, session_id, project, agent, channel, user_id, thread, audience, current) VALUES
    (1, 'chat:dora:support-bot', 'default', 'support-bot', 'chat', 'dora', NULL, 'dora', 1),
    (2, 'chat:emil:support-bot', 'default', 'support-bot', 'chat', 'emil', NULL, 'emil', 2),
    (3, 'chat:gone:support-bot', 'default', 'support-bot', 'chat', 'gone', NULL, 'gone', NULL);

INSERT INTO conversations (key, id, scope, project, audience, status, message_count, last_position, created_at, last_activity_at, last_message_at, ended_at, run, lease_until, lease_duration, title, forked_from) VALUES
    (1, 'conv_tools', 1, 'default', 'dora', 0, 8, 8, 639000000001234567, 639000000051234567, 639000000051234567, NULL, 3, 0, 600000000, CAST(X'576F20697374206D65696E2050616B65743F0AF09F93A6' AS TEXT), NULL),
    (2, 'conv_stream', 2, 'default', 'emil', 0, 1, 1, 639000000071234567, 639000000071234567, 639000000071234567, NULL, 4, 639000000671234567, 600000000, 'Tell me a story', NULL);

INSERT INTO messages (key, run, role, kind, format, flags, created_at, tokens, counter, content, superseded_by) VALUES
    (4294967297, 1, 1, 0, 0, 0, 639000000001234567, 21, 'estimate', CAST(X'576F20697374206D65696E2050616B65743F0AF09F93A6' AS TEXT), NULL),
    (4294967298, 1, 2, 1, 1, 2, 639000000011234567, 9, 'o200k_base', '[{"type":"text","text":"Let me look."},{"type":"tool_call","id":"call_1","name":"track","arguments":"{\"parcel\": \"7\"}"},{"type":"reasoning",  "summary":["it''s \"late\""]},{"type":"reasoning","id":"rs_1", "text":"late?"}]', 2),
    (4294967299, 1, 3, 2, 1, 2, 639000000011234567, NULL, NULL, '[{"type":"tool_result","id":"call_1","name":"track","content":"in the van"}]', 2),
    (4294967300, 1, 2, 0, 0, 2, 639000000011234567, 4, 'o200k_base', 'In the van.', 2),
    (4294967301, 2, 2, 0, 0, 0, 639000000031234567, NULL, NULL, CAST(X'4974206861730020617272697665642E' AS TEXT), NULL),
    (4294967302, 3, 1, 0, 0, 0, 639000000041234567, 8, 'estimate', 'And now?', NULL),
    (4294967303, 3, 2, 0, 0, 1, 639000000051234567, NULL, NULL, 'It is ', NULL),
    (4294967304, 3, 2, 3, 1, 0, 639000000051234567, NULL, NULL, '[{"type":"error","message":"no answer","code":"timeout"}]', NULL),
    (8589934593, 4, 1, 0, 0, 0, 639000000071234567, 15, 'estimate', 'Tell me a story', NULL);

INSERT INTO summaries (key, messages, created_at, tokens, counter, text) VALUES
    (4294967301, 5, 639000000061234567, 7, 'o200k_base', CAST(X'5468652070617263656C3A0A69742068617320617272697665642E' AS TEXT));

INSERT INTO runs (number, conversation, previous, scope, caller, status, model, input_tokens, output_tokens, cached_input_tokens, cost, error, idempotency_key, fingerprint, input_position, input_count, output_position, output_count, started_at, ended_at, superseded_by, prompt_tokens, history_tokens, superseded_from) VALUES
    (1, 1, 0, 1, 'dora', 1, 'model-4', 120, 34, 5, '0.000123456789', NULL, 'key-1', 'f4', 1, 1, 2, 3, 639000000001234567, 639000000011234567, 2, 118, 0, NULL),
    (2, 1, 1, 1, 'dora', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, 1, 5, 1, 639000000021234567, 639000000031234567, NULL, 8589934592, 1, 2),
    (3, 1, 2, 1, 'dora', 2, NULL, NULL, NULL, NULL, NULL, 'TimeoutException', 'key-3', 'f4', 6, 1, 7, 2, 639000000041234567, 639000000051234567, NULL, 40, 30, NULL),
    (4, 2, 0, 2, 'emil', 0, NULL, NULL, NULL, NULL, NULL, NULL, 'key-4', 'f4', 1, 1, 0, 0, 639000000071234567, NULL, NULL, NULL, NULL, NULL),
    (5, 0, 0, 0, '', 4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL);

INSERT INTO streams (conversation, run, keep_for, on_interruption) VALUES
    (1, 3, 18000000000, 2),
    (2, 4, 36000000000, 0);

INSERT INTO segments (run, number, offset, position, role, format, created_at, content) VALUES
    (3, 1, 0, 7, 2, 0, 639000000041234567, 'It is '),
    (4, 1, 0, 2, 2, 0, 639000000081234567, 'Once upon'),
    (4, 2, 9, 2, 2, 1, 639000000081234567, '[{"type":"text","text":" a time\n"},{"type":"tool_call","id":"call_2","name":"dice","arguments":"{}"}]'),
    (4, 3, 18, 3, 3, 1, 639000000091234567, '[{"type":"tool_result","id":"call_2","content":"6","is_error":true}]'),
    (4, 4, 19, 4, 2, 0, 639000000091234567, 'there were six');

UPDATE sqlite_sequence SET seq = 3 WHERE name = 'conversations';

-- What version 1 of the SQLite store wrote, below the schema of 0001.sql: dumped from a file of its own and kept for good.
-- Texts with a line break or a NUL are written as bytes.

INSERT INTO scopes (key, session_id, project, agent, channel, user_id, thread, audience, current) VALUES
    (1, 'chat:ada:support-bot', 'default', 'support-bot', 'chat', 'ada', NULL, 'ada', 5),
    (2, '*:#order-7;tenant_id=acme:crm-agent', 'default', 'crm-agent', NULL, NULL, 'order-7', '*;tenant_id=acme', NULL);

INSERT INTO conversations (key, id, scope, project, audience, status, message_count, last_position, created_at, last_activity_at, last_message_at, ended_at, run, lease_until, lease_duration, title) VALUES
    (1, 'conv_past', 1, 'default', 'ada', 1, 2, 2, 637134299990000000, 638725284001234567, 637134336000000007, 638725284011234567, 0, 0, 0, CAST(X'416C7465730020274765737072C3A4636827' AS TEXT)),
    (2, 'conv_tools', 1, 'default', 'ada', 0, 6, 7, 638725284021234567, 638725284071234567, 638725284051234567, NULL, 2, 0, 600000000, CAST(X'5768657265206973206D792070617263656C3F0AF09F93A6' AS TEXT)),
    (3, 'conv_order', 2, 'default', '*;tenant_id=acme', 0, 3, 3, 638725284081234567, 638725285321234567, 638725285321234567, NULL, 5, 638725285921234567, 600000000, 'Ship it'),
    (5, 'conv_empty', 1, 'default', 'ada', 2, 0, 0, 638725285361234567, 638725285361234567, NULL, 638725285371234567, 0, 0, 0, NULL);

INSERT INTO messages (key, run, role, kind, format, flags, created_at, content) VALUES
    (4294967297, NULL, 0, 0, 0, 0, 637134299990000000, 'Be brief.'),
    (4294967298, NULL, 1, 0, 0, 0, 637134336000000007, ''),
    (8589934593, 1, 1, 0, 0, 0, 638725284021234567, CAST(X'5768657265206973206D792070617263656C3F0AF09F93A6' AS TEXT)),
    (8589934594, 1, 2, 1, 1, 0, 638725284021234567, '[{"type":"text","text":"Let me look."},{"type":"tool_call","id":"call_1","name":"track","arguments":"{\"parcel\": \"7\"}"},{"type":"thought",  "text":"it''s \"late\""}]'),
    (8589934595, 1, 3, 2, 1, 0, 638725284021234567, '[{"type":"tool_result","id":"call_1","name":"track","content":"in the van"}]'),
    (8589934597, 2, 1, 0, 0, 0, 638725284051234567, 'And now?'),
    (8589934598, 2, 2, 0, 0, 1, 638725284051234567, 'It has arr'),
    (8589934599, 2, 2, 3, 1, 0, 638725284051234567, '[{"type":"error","message":"The model did not answer.","code":"timeout"}]'),
    (12884901889, 3, 1, 0, 0, 0, 638725284081234567, 'Ship it'),
    (12884901890, 4, 1, 0, 0, 0, 638725284111234567, 'Ship it today'),
    (12884901891, 5, 1, 0, 0, 0, 638725285321234567, 'Ship it now');

INSERT INTO runs (number, conversation, previous, scope, caller, status, model, input_tokens, output_tokens, cached_input_tokens, cost, error, idempotency_key, fingerprint, input_position, input_count, output_position, output_count, started_at, ended_at) VALUES
    (1, 2, 0, 1, 'ada', 1, 'model-1', 120, 34, 5, '0.000123456789', NULL, 'key-1', 'f1', 1, 1, 2, 3, 638725284021234567, 638725284041234567),
    (2, 2, 1, 1, 'ada', 2, NULL, NULL, NULL, NULL, NULL, 'HttpRequestException', 'key-2', 'f1', 5, 1, 6, 2, 638725284051234567, 638725284071234567),
    (3, 3, 0, 2, '', 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, 1, 0, 0, 638725284081234567, 638725284101234567),
    (4, 3, 3, 2, 'bob', 4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2, 1, 0, 0, 638725284111234567, 638725285321234567),
    (5, 3, 4, 2, 'bob', 0, NULL, NULL, NULL, NULL, NULL, NULL, 'key-3', 'f1', 3, 1, 0, 0, 638725285321234567, NULL);

UPDATE sqlite_sequence SET seq = 6 WHERE name = 'conversations';
UPDATE sqlite_sequence SET seq = 7 WHERE name = 'runs';

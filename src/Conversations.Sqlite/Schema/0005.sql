-- Version 5. Frozen once released: what changes later goes into 0006.sql.

ALTER TABLE runs ADD COLUMN finish_reason TEXT;                 -- why the model stopped; NULL if that is not known

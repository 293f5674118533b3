-- Version 3. Frozen once released: what changes later goes into 0004.sql.

-- Superseding. Flag 2 of a message: it is superseded. The flags stand before the content, so that who passes it over reads none of
-- that; superseded_by stands last, and is read only where the flag is set.
ALTER TABLE messages ADD COLUMN superseded_by INTEGER;          -- runs.number; NULL while it is current

-- A run keeps the status that it was closed with.
ALTER TABLE runs ADD COLUMN superseded_by INTEGER;              -- runs.number; NULL unless a message of it was superseded by another run

ALTER TABLE conversations ADD COLUMN forked_from TEXT;          -- the id of a message; NULL if it was not forked

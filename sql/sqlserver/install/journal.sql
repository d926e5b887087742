-- purpose: creates the journal of one table: its keys, and what tells when they were written; no identity, no other index; anybody may note a key, which is read with its row as it is (script)
-- params: none; {{journal}}, {{columns}}
-- returns: nothing
CREATE TABLE sparesync.{{journal}} (rv rowversion NOT NULL, {{columns}});
CREATE UNIQUE CLUSTERED INDEX by_time ON sparesync.{{journal}} (rv);
ALTER TABLE sparesync.{{journal}} SET (LOCK_ESCALATION = DISABLE);
GRANT INSERT ON sparesync.{{journal}} TO public;

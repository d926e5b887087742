-- purpose: creates the journal of one table: its keys, all NULL for a truncation, whether the row may be gone (what takes it away notes it again), and the transaction (script)
-- params: none; {{journal}}, {{columns}}
-- returns: nothing
CREATE TABLE sparesync.{{journal}} ({{columns}}, may_be_gone boolean NOT NULL DEFAULT true, x xid8 NOT NULL DEFAULT pg_current_xact_id())

-- purpose: creates the journal of one table: its keys, all NULL for a truncation, and the transaction that wrote them (script)
-- params: none; {{journal}}, {{columns}}
-- returns: nothing
CREATE TABLE sparesync.{{journal}} ({{columns}}, x xid8 NOT NULL DEFAULT pg_current_xact_id())

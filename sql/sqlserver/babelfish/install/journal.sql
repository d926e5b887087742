-- purpose: Babelfish: all rows of a statement have the same rowversion; the number of the transaction is what orders (script)
-- params: none; {{journal}}, {{columns}}
-- returns: nothing
CREATE TABLE sparesync.{{journal}} (rv bigint NOT NULL DEFAULT (txid_current()), {{columns}});
GRANT INSERT ON sparesync.{{journal}} TO public;

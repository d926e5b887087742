-- purpose: makes the end of this transaction wait until everything that it has seen is on the disk
-- params: none
-- returns: nothing
DO 'BEGIN PERFORM pg_logical_emit_message(true, ''sparesync'', ''''); END'

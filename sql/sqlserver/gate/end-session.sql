-- purpose: ends a session; its transaction is rolled back
-- params: none; {{session}}
-- returns: nothing
KILL {{session}}

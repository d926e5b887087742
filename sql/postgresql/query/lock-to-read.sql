-- purpose: waits for whoever empties these tables or writes them anew, before the snapshot is taken
-- params: none; {{tables}}
-- returns: nothing
LOCK TABLE {{tables}} IN ACCESS SHARE MODE

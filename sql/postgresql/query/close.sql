-- purpose: closes the cursor
-- params: none
-- returns: nothing
CLOSE sparesync_rows

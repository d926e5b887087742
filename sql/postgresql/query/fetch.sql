-- purpose: the next rows of the open cursor
-- params: none; {{count}}
-- returns: as the cursor
FETCH FORWARD {{count}} FROM sparesync_rows

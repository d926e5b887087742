-- purpose: notes the present shape of a table whose journal stays as it is
-- params: $1 number, $2 shape (JSON), $3 columns that the triggers name
-- returns: nothing
UPDATE sparesync.tables SET shape = $2, watched = $3::text[] WHERE n = $1::integer

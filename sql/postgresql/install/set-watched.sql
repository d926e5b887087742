-- purpose: notes what the guard looks for in one table
-- params: 1 number, 2 columns that the triggers name
-- returns: nothing
UPDATE sparesync.tables SET watched = $2::text[] WHERE n = $1::integer

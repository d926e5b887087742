-- purpose: keeps a value for a statement of this transaction that takes no parameters
-- params: 1 name, 2 value
-- returns: nothing
SELECT set_config($1, $2, true)

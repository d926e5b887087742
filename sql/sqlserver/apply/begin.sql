-- purpose: begins a transaction that writes into a target
-- params: none
-- returns: nothing
SET NOCOUNT ON

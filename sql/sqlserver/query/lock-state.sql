-- purpose: holds back every other apply, promotion and raise of the epoch until this transaction ends
-- params: none
-- returns: nothing
UPDATE sparesync.meta SET version = version

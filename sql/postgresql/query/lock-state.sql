-- purpose: holds back every other apply, promotion and raise of the epoch until this transaction ends
-- params: none
-- returns: nothing
SELECT version FROM sparesync.meta FOR UPDATE

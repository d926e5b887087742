-- purpose: Babelfish: AUTHORIZATION is not understood
-- params: none
-- returns: nothing
CREATE SCHEMA sparesync

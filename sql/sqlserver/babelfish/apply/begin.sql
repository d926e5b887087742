-- purpose: Babelfish keeps foreign keys whatever ALTER TABLE says; as a replica it keeps neither them nor triggers
-- params: none
-- returns: nothing
SELECT set_config('session_replication_role', 'replica', true)

-- purpose: takes the right to call what notes changes from all but its owner: who may make a trigger of it can journal a truncation
-- params: none
-- returns: nothing
DO $body$
DECLARE
  granted record;
BEGIN
  FOR granted IN
    SELECT p.oid::regprocedure AS name, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee
    FROM pg_proc p CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    WHERE p.pronamespace = 'sparesync'::regnamespace AND p.proname LIKE 'note\_%' AND a.grantee <> p.proowner
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s CASCADE', granted.name, granted.grantee);
  END LOOP;
END
$body$

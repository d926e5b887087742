-- purpose: tells whether the schema is there, before anything in it can be asked, and whether the guard may be and is
-- params: none
-- returns: is_installed, can_guard, is_guarded
SELECT to_regclass('sparesync.meta') IS NOT NULL AS is_installed, current_setting('is_superuser') = 'on' AS can_guard,
  EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'sparesync_guard' AND evtenabled = 'O') AS is_guarded

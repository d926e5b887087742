-- purpose: whether a guard over key columns can be had here, and is
-- params: none
-- returns: can_guard, is_guarded
SELECT current_setting('is_superuser') = 'on' AS can_guard,
  EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'sparesync_guard' AND evtenabled = 'O') AS is_guarded

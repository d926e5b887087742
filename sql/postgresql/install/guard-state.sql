-- purpose: whether a guard over key columns can be had here, and is
-- params: none
-- returns: can_guard, is_guarded
SELECT current_setting('is_superuser') = 'on' AS can_guard,
  (SELECT count(*) FROM pg_event_trigger WHERE evtname IN ('sparesync_guard', 'sparesync_guard_drops') AND evtenabled = 'O') = 2 AS is_guarded

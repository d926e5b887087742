-- purpose: cancels what a session does now; the session stays
-- params: none; {{session}}
-- returns: nothing
SELECT pg_cancel_backend({{session}}) AS is_cancelled

-- purpose: sets where a sequence goes on
-- params: none; {{sequence}}, {{value}}
-- returns: nothing
ALTER SEQUENCE {{sequence}} RESTART WITH {{value}}

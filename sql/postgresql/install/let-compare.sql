-- purpose: lets every role that changes rows of one table compare its keys, also where no function is for everybody by default
-- params: none; {{n}}
-- returns: nothing
GRANT EXECUTE ON FUNCTION sparesync.is_moved_{{n}}(anyelement, anyelement) TO PUBLIC

-- purpose: forgets where the rows lie: a copy has emptied tables and built their indexes again
-- params: none
-- returns: nothing
UPDATE sparesync.tables SET file = NULL, versions = NULL WHERE file IS NOT NULL

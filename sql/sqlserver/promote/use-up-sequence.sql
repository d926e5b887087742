-- purpose: takes the last value of a sequence that gives out no more
-- params: none; {{sequence}}
-- returns: value
SELECT CAST(CAST(NEXT VALUE FOR {{sequence}} AS decimal(38, 0)) AS varchar(40)) AS value

-- purpose: the images of rows that the journal of a table without a key names, whether such rows are there or not
-- params: none; {{journal}}, {{readable}}
-- returns: the image
SELECT DISTINCT k1 FROM sparesync.{{journal}} WHERE k1 IS NOT NULL{{readable}}

-- purpose: the images of rows that the journal of a table without a key names, whether such rows are there or not
-- params: none; {{journal}}
-- returns: the image
COPY (SELECT DISTINCT k1 FROM sparesync.{{journal}} WHERE k1 IS NOT NULL) TO STDOUT

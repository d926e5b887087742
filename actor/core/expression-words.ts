/** `(ARRAY['a'::character varying, …])::text[]`, as PostgreSQL writes `IN ('a', …)` over a varchar. */
const castList = /\(ARRAY\[((?:'(?:[^']|'')*'|[^'[\]])*)\]\)::([a-z_][a-z_ .]*|"(?:[^"]|"")+")\[\]/g;
const element = /((?:'(?:[^']|'')*'|[^',])+)(, )?/g;

/**
 * What an expression is compared by. PostgreSQL writes a list that is cast as a whole, and reads what it wrote as a list whose elements
 * are cast: a spare that was made from a dump has the same rule in these other words.
 */
export function expressionWords(says: string): string {
  return says.replaceAll(castList, (_, list: string, type: string) => {
    const cast = list.replaceAll(element, (_whole, one: string, comma: string | undefined) => {
      return `(${one})::${type}${comma ?? ""}`;
    });
    return `ARRAY[${cast}]`;
  });
}

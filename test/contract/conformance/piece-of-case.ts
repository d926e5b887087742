/**
 * On a slow server a long case is gone through in pieces: the variable says from which of its steps to which, counted
 * from 1, as "3-5". Unset: all of them.
 */
export function pieceOfCase(variable: string, count: number): { readonly first: number; readonly last: number } {
  const text = process.env[variable] ?? "";
  if (text === "") return { first: 1, last: count };
  const [, first, last] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  const piece = { first: Number(first), last: Number(last) };
  if (piece.first >= 1 && piece.last >= piece.first && piece.last <= count) return piece;
  throw new TypeError(`${variable} must be like 1-${String(count)}, not ${text}`);
}

/** More changes than this and the suggestion would be a guess. */
const mostChanges = 3;

/** The known key that was probably meant: the least edits away, or the same but for case and separators. */
export function findNearestKey(key: string, known: readonly string[]): string | undefined {
  const plain = simplify(key);
  let nearest: string | undefined;
  // A short key is near to every other short key: at most half of it may differ (two swapped letters are two changes).
  let fewest = Math.min(mostChanges, Math.floor(plain.length / 2)) + 1;
  for (const candidate of known) {
    const changes = countEdits(plain, simplify(candidate));
    if (changes >= fewest) continue;
    fewest = changes;
    nearest = candidate;
  }
  return nearest;
}

function simplify(key: string): string {
  return key.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** Levenshtein's distance, by rows. Keys longer than this are not typing errors. */
function countEdits(a: string, b: string): number {
  if (a.length > 64) return a.length;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = at(row, j - 1) + (a.charAt(i - 1) === b.charAt(j - 1) ? 0 : 1);
      next.push(Math.min(replaced, at(row, j) + 1, at(next, j - 1) + 1));
    }
    row = next;
  }
  return at(row, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}

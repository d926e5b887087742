/** A file system that is mounted in a folder, or on it. */
export interface InnerMount {
  /** Relative to the folder; "" for one that is mounted on the folder itself. */
  readonly path: string;
  /** Which mount of which device: another one in the same place differs. */
  readonly identity: string;
}

/** Fields of a line of /proc/self/mountinfo, proc_pid_mountinfo(5). */
const idField = 0;
const deviceField = 2;
const placeField = 4;

/**
 * The mounts at and below a folder, in order of their paths. `table` is the text of /proc/self/mountinfo, `root` the real path
 * of the folder. Lines that cannot be understood are left out.
 */
export function findInnerMounts(table: string, root: string): InnerMount[] {
  const mounts: InnerMount[] = [];
  const start = root === "/" ? root : `${root}/`;
  for (const line of table.split("\n")) {
    const fields = line.split(" ");
    const place = unescapeOctal(fields[placeField] ?? "");
    if (place !== root && !place.startsWith(start)) continue;
    const identity = `${fields[idField] ?? ""} ${fields[deviceField] ?? ""}`;
    mounts.push({ path: place === root ? "" : place.slice(start.length), identity });
  }
  return mounts.sort((a, b) => compareText(a.path, b.path) || compareText(a.identity, b.identity));
}

/** Spaces, tabs, line breaks and backslashes are written as \040 and so on; other bytes stand for themselves. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

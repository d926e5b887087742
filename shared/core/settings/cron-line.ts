/** Minute, hour, day of the month, month, day of the week (crontab(5)): the least and the greatest number of each. */
const ranges = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;

/** Each item of a field: every value, a number or a range of numbers, and perhaps a step. */
const item = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/;

/** Whether this is a cron line of five fields of numbers; a line that names no possible moment would never run. */
export function isCronLine(text: string): boolean {
  const fields = text.trim().split(/\s+/);
  return fields.length === ranges.length && ranges.every((range, index) => isField(fields[index] ?? "", range));
}

function isField(field: string, [least, greatest]: readonly [number, number]): boolean {
  return field.split(",").every((part) => {
    const match = item.exec(part);
    if (!match) return false;
    const [, from, to, step] = match;
    const first = from === undefined ? least : Number(from);
    const last = to === undefined ? Math.max(first, least) : Number(to);
    return first >= least && last <= greatest && first <= last && step !== "0" && step !== "00";
  });
}

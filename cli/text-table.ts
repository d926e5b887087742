/** Rows as aligned columns; the last column is not padded. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** A moment for people and for comparing with logs: UTC, to the second; "-" for never. */
export function formatTime(ms: number): string {
  return ms === 0 ? "-" : `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** A duration for people: 3.2 s, 5 min, 2.5 h. */
export function formatSeconds(seconds: number): string {
  if (seconds < 120) return `${String(Math.round(seconds * 10) / 10)} s`;
  if (seconds < 7200) return `${String(Math.round(seconds / 60))} min`;
  return `${String(Math.round(seconds / 360) / 10)} h`;
}

const byteUnits = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** An amount of data for people: 12 B, 3.4 MiB. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1024 ** power;
  return `${String(power === 0 ? Math.round(amount) : Math.round(amount * 10) / 10)} ${byteUnits[power] ?? ""}`;
}

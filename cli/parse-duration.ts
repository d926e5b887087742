import { InvalidArgumentError } from "commander";

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of "90s", "30m", "2h", "1d" or of several of these, "1h30m"; for an option of commander. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+)([smhd])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new InvalidArgumentError("expected a number with its unit: 90s, 30m, 2h, 1d or 1h30m");
  }
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (secondsOf[unit ?? ""] ?? 0), 0);
}

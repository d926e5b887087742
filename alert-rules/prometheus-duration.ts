const units = [
  { suffix: "d", milliseconds: 86_400_000 },
  { suffix: "h", milliseconds: 3_600_000 },
  { suffix: "m", milliseconds: 60_000 },
  { suffix: "s", milliseconds: 1_000 },
  { suffix: "ms", milliseconds: 1 },
] as const;

/** A duration as Prometheus and Alertmanager write it (whole numbers only): 0.5 → "500ms", 28800 → "8h". */
export function prometheusDuration(seconds: number): string {
  const milliseconds = Math.round(seconds * 1000);
  if (milliseconds === 0) return "0s";
  const unit = units.find((candidate) => milliseconds % candidate.milliseconds === 0);
  return unit === undefined ? `${milliseconds}ms` : `${milliseconds / unit.milliseconds}${unit.suffix}`;
}

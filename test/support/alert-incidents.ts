import type { MonitoredPair } from "./monitored-pair.js";

/** One time that an alert became active, by Prometheus' own samples; Unix seconds. */
export interface Incident {
  /** Since when its expression had held, in whole seconds as Prometheus keeps it. */
  readonly activeSeconds: number;
  /** The last evaluation at which it was still waiting; undefined: it never waited. */
  readonly lastPendingSeconds: number | undefined;
  /** The first evaluation at which it fired; undefined: it did not hold long enough. */
  readonly firingSeconds: number | undefined;
}

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

/** Every incident of a code within the last hour, of any server, folder or database. */
export async function findIncidents(monitored: MonitoredPair, code: string): Promise<readonly Incident[]> {
  const firing = await monitored.query<Series>(`ALERTS{code="${code}",alertstate="firing"}[1h]`);
  const active = await monitored.query<Series>(`ALERTS_FOR_STATE{code="${code}"}[1h]`);
  return active.flatMap((series) => {
    const fired = firing.filter(({ metric }) => isSame(metric, series.metric)).flatMap(({ values }) => values);
    return incidentsOf(
      series,
      fired.map(([at]) => at),
    );
  });
}

function isSame(firing: Series["metric"], active: Series["metric"]): boolean {
  const rest = (labels: Series["metric"]): string =>
    JSON.stringify(
      Object.entries(labels)
        .filter(([name]) => name !== "__name__" && name !== "alertstate")
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  return rest(firing) === rest(active);
}

function incidentsOf({ values }: Series, firedAt: readonly number[]): readonly Incident[] {
  const since = [...new Set(values.map(([, value]) => Number(value)))];
  return since.map((activeSeconds) => {
    const times = values.filter(([, value]) => Number(value) === activeSeconds).map(([at]) => at);
    const firingSeconds = times.find((at) => firedAt.includes(at));
    const pending = times.filter((at) => firingSeconds === undefined || at < firingSeconds);
    return { activeSeconds, lastPendingSeconds: pending.at(-1), firingSeconds };
  });
}

/** Values of a label: all of them (an enumeration), those always present (others may come), or whatever there is. */
export type LabelValues = readonly string[] | { readonly known: readonly string[] } | "any";
export type LabelTable = Readonly<Record<string, LabelValues>>;

export interface MetricFamily<Labels extends LabelTable = LabelTable> {
  readonly type: "gauge" | "counter";
  /** One sentence, shown by Prometheus and in docs/metrics.md. */
  readonly help: string;
  readonly labels: Labels;
}

/** Families of one section of docs/metrics.md. */
export interface MetricGroup {
  readonly title: string;
  /** When its series are there: what is not known is absent, never a last known value. */
  readonly presence: string;
  readonly families: Readonly<Record<string, MetricFamily>>;
}

const noLabels = {} as const satisfies LabelTable;

/** Declares a family whose value goes up and down. */
export function gauge(help: string): MetricFamily<typeof noLabels>;
export function gauge<const Labels extends LabelTable>(help: string, labels: Labels): MetricFamily<Labels>;
export function gauge(help: string, labels: LabelTable = noLabels): MetricFamily {
  return { type: "gauge", help, labels };
}

/** Declares a family that only grows, until the process that counts starts again. */
export function counter(help: string): MetricFamily<typeof noLabels>;
export function counter<const Labels extends LabelTable>(help: string, labels: Labels): MetricFamily<Labels>;
export function counter(help: string, labels: LabelTable = noLabels): MetricFamily {
  return { type: "counter", help, labels };
}

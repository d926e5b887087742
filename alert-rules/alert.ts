import type { AlertCode } from "../shared/core/alert-catalogue.js";
import type { DashboardName } from "../shared/core/dashboard-catalogue.js";

/** Series with their values in promtool's notation: `1x3 0x20` is four times 1, then 21 times 0. */
export type InputSeries = Readonly<Record<string, string>>;

/** A scene in which the alert fires at its time and not before. Times in seconds from the scene's start. */
export interface FiringScene {
  readonly when: string;
  readonly series: InputSeries;
  /** Since when its condition holds, at an evaluation; the alert fires once its delay has passed. */
  readonly since: number;
  /** An evaluation at which it has ended. */
  readonly until?: number;
  /** The labels besides those every alert of its code has. */
  readonly labels: Readonly<Record<string, string>>;
  /** What stands for `{{ $value … }}` in the description. */
  readonly value?: string;
}

/** A scene in which the alert does not fire, such as one at the boundary. */
export interface QuietScene {
  readonly when: string;
  readonly series: InputSeries;
  /** Where it is looked for; its delay must have passed by then. */
  readonly at: readonly number[];
}

/** One alert with the dashboard that shows what it is about. */
export interface Alert extends AlertDefinition {
  readonly dashboard: DashboardName;
}

/** What an alert looks at and says, and the scenes its unit tests are made of. */
export interface AlertDefinition {
  readonly code: AlertCode;
  /** PromQL with a comparison; one result per pair or server that has the problem. */
  readonly expression: string;
  /** For one that looks back at what is over: it must look back longer than its delay, or it would never fire. */
  readonly expressionOfDelay?: (waitsSeconds: number) => string;
  /** A fixed sentence: receivers group by it. */
  readonly summary: string;
  /** A template of Prometheus with the values that matter. */
  readonly description: string;
  /** How far apart the samples and evaluations of its tests are; 15 s unless it takes days. */
  readonly testStepSeconds?: number;
  readonly fires: readonly [FiringScene, ...FiringScene[]];
  /** Empty only for an alert that fires always. */
  readonly staysQuiet: readonly QuietScene[];
}

/** How long an alert about an event lasts after its delay: long enough for a scrape that failed and for Alertmanager to be told. */
export const eventSeconds = 300;

/** Labels of the primary's and of the secondary's series in scenes, as the scrape configuration sets them. */
export const onPrimary = 'pair="shop",side="primary",job="sparesync",instance="a"';
export const onSecondary = 'pair="shop",side="secondary",job="sparesync",instance="b"';
export const primaryLabels = { pair: "shop", side: "primary", job: "sparesync", instance: "a" } as const;
export const secondaryLabels = { pair: "shop", side: "secondary", job: "sparesync", instance: "b" } as const;

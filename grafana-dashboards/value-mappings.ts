import { type FieldConfig, MappingType, type ValueMapping } from "@grafana/grafana-foundation-sdk/dashboard";
import { operationResults, switchoverStates } from "../shared/core/metrics/actor-metrics.js";
import { syncHealths } from "../shared/core/metrics/sync-metrics.js";
import { type StateName, stateNames } from "../shared/core/states.js";
import { decisionNames } from "../shared/core/status.js";

/** Grafana's own colour names, which every theme has. */
export type Color = "green" | "yellow" | "orange" | "red" | "blue" | "purple" | "text" | "dark-red" | "light-blue";

/** Shown values of an enumeration in its order; what a folded state's number means. */
export interface Meaning {
  readonly text: string;
  readonly color: Color;
}

const stateColors: Readonly<Record<StateName, Color>> = {
  unknown: "text",
  stopped: "purple",
  inactive: "orange",
  turned_off: "purple",
  switched: "yellow",
  configuration_error: "dark-red",
  working: "green",
  working_with_errors: "orange",
  switching_to_secondary: "blue",
  switching_to_primary: "light-blue",
};

export const stateMeanings = stateNames.map((name) => ({ text: name.replaceAll("_", " "), color: stateColors[name] }));

const healthColors: Readonly<Record<(typeof syncHealths)[number], Color>> = {
  ok: "green",
  warning: "orange",
  fatal: "red",
};

export const healthMeanings = syncHealths.map((text) => ({ text, color: healthColors[text] }));

const switchoverColors: Readonly<Record<(typeof switchoverStates)[number], Color>> = {
  idle: "green",
  running: "blue",
  "handed-over": "light-blue",
  undoing: "orange",
  "asks-a-person": "red",
};

export const switchoverMeanings = switchoverStates.map((text) => ({ text, color: switchoverColors[text] }));

const decisionColors: Readonly<Record<(typeof decisionNames)[number], Color>> = {
  stay: "green",
  "ask-the-operator": "orange",
  "fail-over": "red",
};

export const decisionMeanings = decisionNames.map((name) => ({
  text: name.replaceAll("-", " "),
  color: decisionColors[name],
}));

const resultColors: Readonly<Record<(typeof operationResults)[number], Color>> = {
  done: "green",
  undone: "orange",
  "asks-a-person": "red",
};

export const resultMeanings = operationResults.map((text) => ({ text, color: resultColors[text] }));

/** Mapping of a state folded into one number (see `foldedStates`): the first value is 0. */
export function mapNumbers(meanings: readonly Meaning[]): ValueMapping[] {
  return [mapping(meanings.map(({ text, color }, index) => [String(index), { text, color }]))];
}

/** Mapping of a label's texts. */
export function mapTexts(meanings: readonly Meaning[]): ValueMapping[] {
  return [mapping(meanings.map(({ text, color }) => [text, { text, color }]))];
}

/** Mapping of a condition that is 0 or 1. */
export function mapCondition(no: Meaning, yes: Meaning): ValueMapping[] {
  return mapNumbers([no, yes]);
}

type Mapped = readonly [string, Meaning];

function mapping(entries: readonly Mapped[]): NonNullable<FieldConfig["mappings"]>[number] {
  const options = Object.fromEntries(entries.map(([value, { text, color }], index) => [value, { text, color, index }]));
  return { type: MappingType.ValueToText, options };
}

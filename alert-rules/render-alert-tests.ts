import { stringify } from "yaml";
import type { Alert, FiringScene, InputSeries, QuietScene } from "./alert.js";
import { prometheusDuration } from "./prometheus-duration.js";
import { alertAnnotations, alertLabels, alertName, alertTiming, forSeconds } from "./render-alert-rules.js";

const usualStepSeconds = 15;

/** The unit tests of one alert in promtool's form: each scene, with what fires at which time and what does not. */
export function renderAlertTests(alert: Alert): string {
  const step = prometheusDuration(alert.testStepSeconds ?? usualStepSeconds);
  const content = {
    rule_files: ["../sparesync-rules.yml"],
    evaluation_interval: step,
    tests: [
      ...alert.fires.map((scene) => ({
        name: `fires when ${scene.when}`,
        interval: step,
        input_series: inputSeries(scene.series),
        alert_rule_test: firingExpectations(alert, scene),
      })),
      ...alert.staysQuiet.map((scene) => ({
        name: `does not fire when ${scene.when}`,
        interval: step,
        input_series: inputSeries(scene.series),
        alert_rule_test: quietExpectations(alert, scene),
      })),
    ],
  };
  return heading + stringify(content, { lineWidth: 0 });
}

function inputSeries(series: InputSeries) {
  return Object.entries(series).map(([name, values]) => ({ series: name, values }));
}

/** Quiet at the last evaluation before its delay is over, there at the next, and gone when its condition has ended. */
function firingExpectations(alert: Alert, scene: FiringScene) {
  const step = alert.testStepSeconds ?? usualStepSeconds;
  const waits = forSeconds(alertTiming(alert.code).delaySeconds);
  const firesAt = scene.since + Math.ceil(waits / step) * step;
  const firing = {
    exp_labels: { ...scene.labels, ...alertLabels(alert.code) },
    exp_annotations: Object.fromEntries(
      Object.entries(alertAnnotations(alert)).map(([name, template]) => [name, expandTemplate(template, scene)]),
    ),
  };
  return [
    ...(firesAt >= step ? [expectation(alert, firesAt - step, [])] : []),
    expectation(alert, firesAt, [firing]),
    ...(scene.until === undefined ? [] : [expectation(alert, scene.until, [])]),
  ];
}

function quietExpectations(alert: Alert, { at }: QuietScene) {
  return at.map((seconds) => expectation(alert, seconds, []));
}

function expectation({ code }: Alert, seconds: number, alerts: readonly object[]) {
  return { eval_time: prometheusDuration(seconds), alertname: alertName(code), exp_alerts: alerts };
}

/** A description as Prometheus would write it, for the few constructs that ours use. */
export function expandTemplate(template: string, { labels, value }: Pick<FiringScene, "labels" | "value">): string {
  return template
    .replace(/\{\{ with \$labels\.(\w+) \}\}(.*?)\{\{ end \}\}/g, (_, label: string, inner: string) => {
      const content = labels[label];
      return content === undefined ? "" : inner.replaceAll("{{ . }}", content);
    })
    .replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? "")
    .replace(/\{\{[^}]*\$value[^}]*\}\}/g, value ?? "");
}

const heading =
  "# Generated from alert-rules/alerts by alert-rules/generate-alert-rules.ts. Change those, not this file.\n";

import { z } from "zod";
import { errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import { messageCodes } from "../../shared/core/message-catalogue.js";
import type { HeldAlert } from "../core/held-alert.js";
import { withDeadline } from "../../shared/deadline.js";

export interface AlertmanagerClientOptions {
  /** `http://host:port`, with a path before `/api` where there is one. */
  readonly urls: readonly string[];
  readonly pair: string;
  readonly clock: ClockPort;
  readonly log: LoggerPort;
}

const limitSeconds = 5;
/** Each alert is some 2 KiB; other pairs' are filtered out over there. */
const mostAnswerBytes = 4_000_000;

const gettableAlerts = z.array(
  z.looseObject({ labels: z.record(z.string(), z.string()), startsAt: z.string().default("") }),
);

/**
 * Asks the Alertmanagers which alerts of this pair they hold (API v2, `GET /api/v2/alerts`). One is enough: those of a
 * cluster tell each other. A silenced or inhibited alert counts as taken: a person or a rule wanted it so.
 */
export function createAlertmanagerClient({ urls, pair, clock, log }: AlertmanagerClientOptions) {
  const problems = new Map<string, string>();
  const note = (url: string, problem: string): void => {
    if ((problems.get(url) ?? "") === problem) return;
    problems.set(url, problem);
    if (problem === "") log.info("alertmanager-answers", { url });
    else log.warn("alertmanager-not-asked", { url, because: problem });
  };
  const ask = async (url: string, signal: AbortSignal): Promise<readonly HeldAlert[]> => {
    try {
      const limit = { what: "asking Alertmanager", limitSeconds, signal };
      const found = await withDeadline(clock, limit, (limited) => readAlerts(url, pair, limited));
      note(url, "");
      return found;
    } catch (error) {
      note(url, errorMessage(error));
      return [];
    }
  };
  return async (signal: AbortSignal): Promise<readonly HeldAlert[]> =>
    (await Promise.all(urls.map((url) => ask(url, signal)))).flat();
}

async function readAlerts(base: string, pair: string, signal: AbortSignal): Promise<readonly HeldAlert[]> {
  const url = new URL(`${base.replace(/\/$/, "")}/api/v2/alerts`);
  url.searchParams.set("filter", `pair="${pair}"`);
  const response = await fetch(url, { signal, redirect: "error", headers: { accept: "application/json" } });
  if (!response.ok) throw new Error(`it answers ${response.status}`);
  const text = await response.text();
  if (text.length > mostAnswerBytes) throw new Error("its answer is too large");
  return gettableAlerts.parse(JSON.parse(text)).flatMap(({ labels, startsAt }) => {
    const code = messageCodes.find((one) => one === labels["code"]);
    return code === undefined ? [] : [{ code, labels, startsAtMs: Date.parse(startsAt) || 0 }];
  });
}

import { readFile } from "node:fs/promises";
import { z } from "zod";
import { errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import { messageCodes } from "../../shared/core/message-catalogue.js";
import type { HeldAlert } from "../core/held-alert.js";
import { askHttp } from "../../shared/ask-http.js";
import type { NotificationSettings } from "../../shared/core/settings/notification-settings.js";
import { withDeadline } from "../../shared/deadline.js";
import { readSecretFile } from "../../shared/secret-file.js";

export interface AlertmanagerClientOptions {
  /** Each address is `http://host:port`, with a path before `/api` where there is one. */
  readonly settings: Pick<
    NotificationSettings,
    "alertmanagers" | "alertmanagerCaFile" | "alertmanagerUser" | "alertmanagerPasswordFile"
  >;
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
export function createAlertmanagerClient({ settings, pair, clock, log }: AlertmanagerClientOptions) {
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
      const found = await withDeadline(clock, limit, (limited) => readAlerts(settings, url, pair, limited));
      note(url, "");
      return found;
    } catch (error) {
      note(url, errorMessage(error));
      return [];
    }
  };
  return async (signal: AbortSignal): Promise<readonly HeldAlert[]> =>
    (await Promise.all(settings.alertmanagers.map((url) => ask(url, signal)))).flat();
}

async function readAlerts(
  settings: AlertmanagerClientOptions["settings"],
  base: string,
  pair: string,
  signal: AbortSignal,
): Promise<readonly HeldAlert[]> {
  const url = new URL(`${base.replace(/\/$/, "")}/api/v2/alerts`);
  url.searchParams.set("filter", `pair="${pair}"`);
  const headers = { accept: "application/json", ...(await signIn(settings)) };
  const { alertmanagerCaFile: caFile } = settings;
  const ca = caFile === undefined ? undefined : await readFile(caFile, "utf8");
  const { status, text } = await askHttp({ url, headers, ca, mostAnswerBytes, signal });
  if (status !== 200) throw new Error(`it answers ${status}`);
  return gettableAlerts.parse(JSON.parse(text)).flatMap(({ labels, startsAt }) => {
    const code = messageCodes.find((one) => one === labels["code"]);
    return code === undefined ? [] : [{ code, labels, startsAtMs: Date.parse(startsAt) || 0 }];
  });
}

/** RFC 7617. The password is read anew for each question: it may be renewed. */
async function signIn({
  alertmanagerUser: user,
  alertmanagerPasswordFile: file,
}: AlertmanagerClientOptions["settings"]): Promise<Record<string, string>> {
  if (user === "") return {};
  const credentials = `${user}:${await readSecretFile(file)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
}

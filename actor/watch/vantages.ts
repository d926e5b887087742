import http from "node:http";
import https from "node:https";
import { AppError, errorCode, errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import type { VantageSettings } from "../../shared/core/settings/vantage-settings.js";
import type { VantageWord } from "../../shared/core/vantage.js";
import { withDeadline } from "../../shared/deadline.js";
import { readBody } from "../../shared/read-body.js";
import { readMetricWord, readQueryWord } from "../core/vantage-word.js";
import type { VantagesPort } from "./vantages-port.js";

/** A blackbox exporter answers when its own probe has ended, which by default takes up to 10 s. */
const answerLimitSeconds = 15;
/** A page of metrics is some hundred kilobytes at most. */
const bodyLimitBytes = 4 * 1024 * 1024;

export interface VantagesOptions {
  readonly settings: readonly VantageSettings[];
  readonly clock: ClockPort;
  readonly readSecret: (file: string) => Promise<string>;
}

/** The vantages of the settings, asked over HTTP; certificates are checked, redirects are not followed. */
export function createVantages({ settings, clock, readSecret }: VantagesOptions): VantagesPort {
  async function ask(vantage: VantageSettings, signal: AbortSignal): Promise<VantageWord> {
    const { name, site } = vantage;
    try {
      const token = vantage.tokenFile === undefined ? undefined : await readSecret(vantage.tokenFile);
      const text = await withDeadline(
        clock,
        { what: `asking ${name}`, limitSeconds: answerLimitSeconds, signal },
        (limited) => getText(urlOf(vantage), token, limited),
      );
      const word = vantage.kind === "metrics" ? readMetricWord(text, vantage.metric) : readQueryWord(text);
      return { name, site, ...word };
    } catch (error) {
      if (errorCode(error) === "ABORTED") throw error;
      return { name, site, says: "nothing", because: errorMessage(error) };
    }
  }

  return { look: (signal) => Promise.all(settings.map((vantage) => ask(vantage, signal))) };
}

function urlOf(vantage: VantageSettings): URL {
  if (vantage.kind === "metrics") return new URL(vantage.url);
  const url = new URL(`${vantage.url.replace(/\/$/, "")}/api/v1/query`);
  url.searchParams.set("query", vantage.query);
  return url;
}

async function getText(url: URL, token: string | undefined, signal: AbortSignal): Promise<string> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  // No pool: a kept connection would outlive a change of the route that it is to judge.
  const options = { agent: false, headers, signal };
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const sent = url.protocol === "https:" ? https.get(url, options) : http.get(url, options);
    sent.once("response", resolve);
    sent.on("error", reject);
  });
  try {
    if (response.statusCode !== 200) {
      throw new AppError("REQUEST_INVALID", `answered status ${String(response.statusCode)} instead of 200`);
    }
    return (await readBody(response, bodyLimitBytes)).toString("utf8");
  } finally {
    response.destroy();
  }
}

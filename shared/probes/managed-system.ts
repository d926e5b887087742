import http from "node:http";
import https from "node:https";
import { errorCode, errorMessage } from "../core/app-error.js";
import type { ClockPort } from "../core/clock-port.js";
import type { ManagedSystemSettings } from "../core/settings/settings.js";
import { withDeadline } from "../deadline.js";
import type { ProbeResult } from "./probe-result.js";

/** The expected text must come within this: a page without an end must not fill the memory of who only looks. */
const bodyLimitBytes = 1024 * 1024;

/**
 * What came back: the expected answer; a front that says there is nothing behind it; another HTTP answer; nobody
 * listens at the port; or nothing that can be interpreted (no answer in time, connection broken, no HTTP).
 */
export type ProbeAnswer = "expected" | "unavailable" | "other" | "refused" | "none";

/** How a gateway or a web server says that the application is not there (RFC 9110, sections 15.6.3 to 15.6.5). */
const unavailableStatuses: readonly number[] = [502, 503, 504];

export interface ManagedSystemProbe extends ProbeResult {
  readonly answer: ProbeAnswer;
}

export interface ManagedSystemProbeOptions {
  readonly testPage: ManagedSystemSettings["testPage"];
  /** The public name of the managed system: sent as Host and, for https, as SNI. */
  readonly name: string;
  readonly address: { readonly host: string; readonly port: number };
  readonly clock: ClockPort;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gets the test page once, on a connection of its own, without following a redirect (the page behind it may be another
 * server's). Resolves with what was seen; rejects only with ABORTED, because a cancelled look has seen nothing.
 */
export async function probeManagedSystem(options: ManagedSystemProbeOptions): Promise<ManagedSystemProbe> {
  const { clock, signal, testPage } = options;
  const startedAtMs = clock.monotonicMs();
  const answered = await withDeadline(
    clock,
    { signal, limitSeconds: testPage.limitSeconds, what: "the test page" },
    (ending) => getTestPage(options, ending),
  ).catch(answerOfFailure);
  return {
    available: answered.answer === "expected",
    ...answered,
    durationMs: Math.max(0, clock.monotonicMs() - startedAtMs),
  };
}

type Answered = Pick<ManagedSystemProbe, "answer" | "because">;

function answerOfFailure(error: unknown): Answered {
  if (errorCode(error) === "ABORTED") throw error;
  if (errorCode(error) === "ECONNREFUSED") return { answer: "refused", because: "the connection was refused" };
  return { answer: "none", because: errorMessage(error) };
}

async function getTestPage(options: ManagedSystemProbeOptions, signal: AbortSignal): Promise<Answered> {
  const { expectedStatus, expectedText } = options.testPage;
  const response = await request(options, signal);
  const status = response.statusCode ?? 0;
  try {
    if (status !== expectedStatus) {
      const answer = unavailableStatuses.includes(status) ? "unavailable" : "other";
      return { answer, because: `answered status ${status} instead of ${expectedStatus}` };
    }
    if (expectedText !== "" && !(await contains(response, expectedText))) {
      return { answer: "other", because: `answered status ${status}, but not the expected text` };
    }
    return { answer: "expected", because: `answered status ${status} as expected` };
  } finally {
    response.destroy();
  }
}

function request(options: ManagedSystemProbeOptions, signal: AbortSignal): Promise<http.IncomingMessage> {
  const { address, testPage } = options;
  const name = options.name.replace(/\.$/, "");
  const requestOptions = {
    host: address.host,
    port: address.port,
    path: testPage.path,
    // No pool: a kept connection would show an application that accepts no new ones as healthy.
    agent: false,
    setHost: false,
    headers: { host: name, "user-agent": "sparesync-probe", "accept-encoding": "identity", connection: "close" },
    signal,
  };
  return new Promise((resolve, reject) => {
    const sent =
      testPage.protocol === "https"
        ? // A certificate that ran out is as bad on the spare: it must raise its own alarm, not move the application.
          https.request({ ...requestOptions, servername: name, rejectUnauthorized: false })
        : http.request(requestOptions);
    sent.once("response", resolve);
    sent.on("error", reject);
    sent.end();
  });
}

async function contains(response: http.IncomingMessage, text: string): Promise<boolean> {
  const wanted = Buffer.from(text, "utf8");
  let seen = Buffer.alloc(0);
  for await (const chunk of response as AsyncIterable<Buffer>) {
    seen = Buffer.concat([seen, chunk]);
    if (seen.includes(wanted)) return true;
    if (seen.length > bodyLimitBytes) return false;
  }
  return false;
}

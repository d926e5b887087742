import { askHttp, type HttpAnswer } from "../../shared/ask-http.js";
import { AppError, errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import type { Json } from "../../shared/core/json.js";
import type { WitnessSettings } from "../../shared/core/settings/witness-settings.js";
import { withDeadline } from "../../shared/deadline.js";

export interface EtcdGatewayOptions {
  readonly settings: Pick<WitnessSettings, "endpoints" | "user" | "limitSeconds">;
  readonly secrets: EtcdSecrets;
  readonly clock: ClockPort;
}

/** What the files of the settings hold; all optional. */
export interface EtcdSecrets {
  readonly password?: string | undefined;
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly privateKey?: string | undefined;
}

/** An answer of ours is some hundred bytes. */
const mostAnswerBytes = 65_536;

/**
 * Calls etcd's v3 JSON gateway (etcd documentation, "gRPC gateway": POST, 64-bit numbers as text, bytes in Base64). The
 * endpoints are tried in turn, the one that answered last first; together they have `limitSeconds`. A token that is no
 * longer valid is renewed once. Messages name the endpoint and never what was sent.
 */
export class EtcdGateway {
  #token: string | undefined;
  #first = 0;

  constructor(private readonly options: EtcdGatewayOptions) {}

  /** The answer's JSON. Rejects with WITNESS_UNREACHABLE when no endpoint gave one. */
  async call(path: string, body: Json, signal: AbortSignal): Promise<unknown> {
    const { endpoints, limitSeconds } = this.options.settings;
    const problems: string[] = [];
    for (let tried = 0; tried < endpoints.length; tried += 1) {
      const index = (this.#first + tried) % endpoints.length;
      const endpoint = (endpoints[index] ?? "").replace(/\/$/, "");
      const limit = { what: "its answer", limitSeconds: limitSeconds / endpoints.length, signal };
      try {
        const answer = await withDeadline(this.options.clock, limit, (limited) =>
          this.#callOne(endpoint, path, body, limited),
        );
        this.#first = index;
        return answer;
      } catch (error) {
        if (signal.aborted) throw error;
        problems.push(`${endpoint}: ${errorMessage(error)}`);
      }
    }
    throw new AppError("WITNESS_UNREACHABLE", `the witness does not answer: ${problems.join("; ")}`, {
      hint: "look at etcd there, at the line to it, and at the settings of the group witness",
    });
  }

  async #callOne(endpoint: string, path: string, body: Json, signal: AbortSignal): Promise<unknown> {
    const isSignedIn = this.#token !== undefined;
    if (!isSignedIn) await this.#signIn(endpoint, signal);
    let answer = await this.#post(endpoint, path, body, signal);
    if (answer.status === 401 && isSignedIn) {
      await this.#signIn(endpoint, signal);
      answer = await this.#post(endpoint, path, body, signal);
    }
    return readAnswer(answer);
  }

  async #signIn(endpoint: string, signal: AbortSignal): Promise<void> {
    const { settings, secrets } = this.options;
    if (settings.user === "") return;
    this.#token = undefined;
    const body = { name: settings.user, password: secrets.password ?? "" };
    const answer = readAnswer(await this.#post(endpoint, "/v3/auth/authenticate", body, signal));
    const token = (answer as { readonly token?: unknown }).token;
    if (typeof token !== "string") throw new Error("its answer to the password holds no token");
    this.#token = token;
  }

  #post(endpoint: string, path: string, body: Json, signal: AbortSignal): Promise<HttpAnswer> {
    const { ca, certificate, privateKey } = this.options.secrets;
    return askHttp({
      url: new URL(`${endpoint}${path}`),
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(this.#token === undefined ? {} : { authorization: this.#token }),
      },
      body: JSON.stringify(body),
      ...{ ca, certificate, privateKey, mostAnswerBytes, signal },
    });
  }
}

/** A stream of one answer, as of the keepalive, stands in `result`. */
function readAnswer({ status, text }: HttpAnswer): unknown {
  const parsed = parse(text);
  const error = parsed["error"];
  if (status !== 200 || error !== undefined) {
    const because = typeof error === "string" ? error : messageOf(error);
    throw new Error(`it answers ${status}${because === "" ? "" : `: ${because.slice(0, 200)}`}`);
  }
  return parsed["result"] ?? parsed;
}

function messageOf(error: unknown): string {
  const message = typeof error === "object" && error !== null ? (error as { message?: unknown }).message : undefined;
  return typeof message === "string" ? message : "";
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // Said below, without the text: a proxy's page helps nobody.
  }
  throw new Error("its answer is not JSON; is it etcd's client address?");
}

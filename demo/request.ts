import { request } from "node:http";

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

export interface HttpQuestion {
  readonly host: string;
  readonly port: number;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** From the first byte out to the last byte in; after it the promise rejects. */
  readonly limitMs: number;
}

/**
 * One request on a connection of its own, so that nothing (a kept connection, a pool) decides but the address. Rejects
 * when there is no whole answer within the limit: then the server may or may not have done what was asked.
 */
export function ask({ limitMs, body, ...question }: HttpQuestion): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(limitMs);
    const outgoing = request({ ...question, agent: false, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

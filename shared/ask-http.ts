import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

export interface HttpQuestion {
  readonly url: URL;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For https, PEM: whom to believe instead of the system's authorities, and what to show. */
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly privateKey?: string | undefined;
  readonly mostAnswerBytes: number;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * One question on a connection of its own: one that has silently died would cost the first answer after it. Redirections
 * are not followed. Rejects with what the network or the certificate is short of; limits of time are the caller's.
 */
export function askHttp(question: HttpQuestion): Promise<HttpAnswer> {
  const { url, method = "GET", body = "", signal, mostAnswerBytes } = question;
  const headers = {
    ...question.headers,
    ...(method === "POST" && { "content-length": String(Buffer.byteLength(body)) }),
  };
  const common = { method, headers, signal, agent: false } as const;
  const tls = { ca: question.ca, cert: question.certificate, key: question.privateKey };
  return new Promise((resolve, reject) => {
    const sent = url.protocol === "https:" ? requestHttps(url, { ...common, ...tls }) : requestHttp(url, common);
    sent.on("error", reject);
    sent.on("response", (response) => {
      let received = "";
      response.setEncoding("utf8");
      response.on("error", reject);
      response.on("data", (chunk: string) => {
        received += chunk;
        if (received.length > mostAnswerBytes) sent.destroy(new Error("its answer is too large"));
      });
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, text: received });
      });
    });
    sent.end(body);
  });
}

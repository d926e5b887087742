/** What the admin listener serves: programs, Alertmanager, and people in a browser. */
export const httpHandlers = ["api", "webhook", "pages"] as const;
export type HttpHandler = (typeof httpHandlers)[number];

/** Classes of the status of an answer (RFC 9110 section 15). */
export const httpCodes = ["2xx", "3xx", "4xx", "5xx"] as const;
export type HttpCode = (typeof httpCodes)[number];

/** The name under which the actor counts such an answer. */
export function httpRequestCounter(handler: HttpHandler, code: HttpCode): string {
  return `http_requests.${handler}.${code}`;
}

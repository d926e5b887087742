import type { ServerResponse } from "node:http";

/** Below this an answer fits with its headers into what a socket takes at once (16 KiB). */
const shortBytes = 8 * 1024;
/** What of a longer one is kept back until the socket has taken the rest. */
const tailBytes = 1024;

/**
 * Sends the parts of an answer and ends it. The end of a long one waits until the socket has taken what stands before it: a
 * peer has its answer before this process has heard that all is written, and may ask again at once. Node (20) takes that for
 * a client that does not read, pauses its HTTP parser, and over TLS gives it the next record nevertheless: "Parse Error:
 * Paused", and the connection is cut.
 */
export function sendAnswer(response: ServerResponse, parts: readonly Buffer[]): void {
  const content = parts.filter((part) => part.length > 0);
  const last = content.pop();
  const bytes = content.reduce((sum, part) => sum + part.length, last?.length ?? 0);
  if (last === undefined || bytes <= shortBytes) {
    for (const part of content) response.write(part);
    response.end(last);
    return;
  }
  const cut = Math.max(0, last.length - tailBytes);
  if (cut > 0) content.push(last.subarray(0, cut));
  const end = (): void => {
    response.end(last.subarray(cut));
  };
  for (const [at, part] of content.entries()) {
    if (at === content.length - 1) response.write(part, end);
    else response.write(part);
  }
}

import type { IncomingHttpHeaders } from "node:http";
import type { JsonObject } from "../../shared/core/json.js";
import type { ListenerLimits } from "../../shared/http-server.js";
import type { Sealed } from "../core/link-authentication.js";

/**
 * The wire form: POST to this path, the envelope and its HMAC as headers, the content as the body: the fields' JSON
 * and right behind it the binary body. Replies have the same form.
 */
export const linkPath = "/link";
const envelopeHeader = "envelope";
const macHeader = "mac";

/** Asks for a session; answered by the link itself. */
export const helloKind = "hello";

export const headerBytesLimit = 16 * 1024;

export const listenerLimits: ListenerLimits = {
  headerBytes: headerBytesLimit,
  headersSeconds: 5,
  // The largest message on a line of 5 Mbit/s takes 110 s.
  requestSeconds: 120,
  idleSeconds: 60,
  // The peer needs seven. More, so that strangers who connect and say nothing do not shut it out before the limits
  // of the handshake end them; not many more, because each costs memory.
  connections: 64,
};

export function sealedHeaders(sealed: Sealed, contentBytes: number): Record<string, string | number> {
  return { [envelopeHeader]: sealed.envelope, [macHeader]: sealed.mac, "content-length": contentBytes };
}

/** The envelope and HMAC of a request or reply; undefined when a header is missing. */
export function readSealed(headers: IncomingHttpHeaders): Sealed | undefined {
  const envelope = headers[envelopeHeader];
  const mac = headers[macHeader];
  return typeof envelope === "string" && typeof mac === "string" ? { envelope, mac } : undefined;
}

export function encodeFields(fields: JsonObject): Buffer {
  return Buffer.from(JSON.stringify(fields));
}

/** The fields; undefined when they are not a JSON object. */
export function decodeFields(bytes: Buffer): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(bytes.toString());
    const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
    return isObject ? (parsed as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

import { createCipheriv, createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { serverName } from "../../shared/core/server-name.js";

/**
 * What authenticates the link: an envelope (small JSON that names everything about a message, with a tag of its
 * content) and an HMAC-SHA256 over the envelope's exact characters under the pair key. Because only the envelope is
 * signed, a message is judged before a byte of its content is read. docs/decisions/0004-link-authentication.md,
 * docs/decisions/0025-the-content-of-a-message-has-a-tag.md
 */
export interface Sealed {
  /** The envelope's JSON in printable ASCII, so that it can stand in a header as it is. */
  readonly envelope: string;
  /** Base64url of the HMAC. */
  readonly mac: string;
}

const identifier = z.string().regex(/^[a-z0-9]{1,64}$/);
/** 16 bytes in Base64url. */
const tagText = z.string().regex(/^[\w-]{22}$/);
const byteCount = z.int().min(0);

/** Only these survive a change of protocol: an envelope of any version can be refused by name. */
export const versionedEnvelope = z.looseObject({ protocol: z.int() });

const content = {
  /** Random and never twice the same: an answer to one request is no answer to another, and no two tags share a key. */
  nonce: identifier,
  fieldsBytes: byteCount,
  /** Absent: there is no body, which is not the same as an empty one. */
  bodyBytes: byteCount.optional(),
  contentTag: tagText,
};

export const requestEnvelope = z.object({
  protocol: z.int(),
  pair: z.string().min(1).max(63),
  sender: serverName,
  /** Identifies the sending process: a message that comes back to it was reflected or the settings name itself. */
  instance: identifier,
  kind: z.string().min(1).max(128),
  /** Given by the server's answer to `hello`; empty in `hello` itself. */
  session: z.union([identifier, z.literal("")]),
  counter: byteCount,
  ...content,
});
export type RequestEnvelope = z.output<typeof requestEnvelope>;

export const replyEnvelope = z.object({
  protocol: z.int(),
  pair: z.string().min(1).max(63),
  sender: serverName,
  /** answered: by the handler. failed: the handler refused. refused: by the link itself, nothing was processed. */
  outcome: z.enum(["answered", "failed", "refused"]),
  ...content,
});
export type ReplyEnvelope = z.output<typeof replyEnvelope>;

// Different labels: a request can never be taken for a reply. They must not change with the protocol's number, or a
// newer peer could only be refused as "wrong-key".
const requestLabel = "sparesync link request";
const replyLabel = "sparesync link reply";
const contentLabel = "sparesync link content";

/** GMAC (NIST SP 800-38D) wants no pair of key and IV twice: each key is of one nonce, so the IV may stand still. */
const tagCipher = "aes-256-gcm";
const tagInitialisation = Buffer.alloc(12);
const tagBytes = 16;

export function sealRequest(pairKey: Buffer, envelope: RequestEnvelope): Sealed {
  const text = encode(envelope);
  return { envelope: text, mac: macOf(pairKey, [requestLabel, text]).toString("base64url") };
}

/** The envelope, unchecked but authentic; undefined when the HMAC is not that of this pair key. */
export function openRequest(pairKey: Buffer, sealed: Sealed): unknown {
  return open(macOf(pairKey, [requestLabel, sealed.envelope]), sealed);
}

/** The reply's HMAC covers the request's, so that it answers exactly this request. */
export function sealReply(pairKey: Buffer, requestMac: string, envelope: ReplyEnvelope): Sealed {
  const text = encode(envelope);
  return { envelope: text, mac: macOf(pairKey, [replyLabel, requestMac, text]).toString("base64url") };
}

/** As openRequest; also undefined when the reply belongs to another request. */
export function openReply(pairKey: Buffer, requestMac: string, sealed: Sealed): unknown {
  return open(macOf(pairKey, [replyLabel, requestMac, sealed.envelope]), sealed);
}

/** The part of an envelope that ties the content to it. `nonce`: random, for this message alone. */
export function describeContent(pairKey: Buffer, nonce: string, fields: Buffer, body: Buffer | undefined) {
  return {
    nonce,
    fieldsBytes: fields.length,
    ...(body === undefined ? {} : { bodyBytes: body.length }),
    contentTag: tagOf(pairKey, nonce, body === undefined ? [fields] : [fields, body]).toString("base64url"),
  };
}

/** How long the content of a message is. */
export function contentBytes({ fieldsBytes, bodyBytes = 0 }: RequestEnvelope | ReplyEnvelope): number {
  return fieldsBytes + bodyBytes;
}

/** Divides what was received into fields and body; undefined when it is not what the envelope describes. */
export function splitContent(
  pairKey: Buffer,
  envelope: RequestEnvelope | ReplyEnvelope,
  received: Buffer,
): { readonly fields: Buffer; readonly body: Buffer | undefined } | undefined {
  if (received.length !== contentBytes(envelope)) return undefined;
  const tag = tagOf(pairKey, envelope.nonce, [received]);
  if (!timingSafeEqual(tag, Buffer.from(envelope.contentTag, "base64url"))) return undefined;
  const body = envelope.bodyBytes === undefined ? undefined : received.subarray(envelope.fieldsBytes);
  return { fields: received.subarray(0, envelope.fieldsBytes), body };
}

const notPrintable = new RegExp("[^ -~]", "g");

function encode(envelope: RequestEnvelope | ReplyEnvelope): string {
  return JSON.stringify(envelope).replace(notPrintable, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function open(expected: Buffer, sealed: Sealed): unknown {
  const mac = Buffer.from(sealed.mac, "base64url");
  // timingSafeEqual throws on different lengths; the length of an HMAC is no secret.
  if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) return undefined;
  return parseJson(sealed.envelope);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Parts are joined by a line feed, which none of them contains (labels are constants, the rest is printable). */
function macOf(pairKey: Buffer, parts: readonly string[]): Buffer {
  return createHmac("sha256", pairKey).update(parts.join("\n")).digest();
}

/** The tag of the parts, one behind the other. Where they border on each other the envelope says, under its HMAC. */
function tagOf(pairKey: Buffer, nonce: string, parts: readonly Buffer[]): Buffer {
  const cipher = createCipheriv(tagCipher, macOf(pairKey, [contentLabel, nonce]), tagInitialisation, {
    authTagLength: tagBytes,
  });
  for (const part of parts) cipher.setAAD(part);
  cipher.final();
  return cipher.getAuthTag();
}

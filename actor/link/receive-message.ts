import type { IncomingMessage } from "node:http";
import { errorCode } from "../../shared/core/app-error.js";
import { readBody } from "../../shared/read-body.js";
import { contentBytes, openRequest, splitContent, type RequestEnvelope } from "../core/link-authentication.js";
import { contentLimits, decideAdmission, type LinkIdentity } from "../core/link-admission.js";
import type { LinkRefusal } from "../core/link-refusal.js";
import type { BodyMemory } from "./body-memory.js";
import type { LinkMessage } from "./link.js";
import type { LinkSessions } from "./link-sessions.js";
import { decodeFields, helloKind, linkPath, readSealed } from "./link-wire.js";

export interface ReceiverPorts {
  readonly identity: LinkIdentity;
  readonly pairKey: Buffer;
  readonly sessions: LinkSessions;
  readonly memory: BodyMemory;
}

export type Received =
  | { readonly kind: "hello"; readonly requestMac: string }
  | {
      readonly kind: "message";
      readonly requestMac: string;
      readonly messageKind: string;
      readonly message: LinkMessage;
    }
  | Refused
  /** The sender went away or was cut off; there is nobody to answer. */
  | { readonly kind: "gone" };

interface Refused {
  readonly kind: "refused";
  readonly reason: LinkRefusal;
  readonly because: string;
  /**
   * Only of an authentic request. The answer to any other must not be signed: someone in the middle could put the
   * HMAC of a request he holds back under rubbish, and the asker would believe the request itself refused.
   */
  readonly requestMac: string | undefined;
}

/** Takes one request off the wire: authenticates, admits, and only then reads the content. Never rejects. */
export async function receiveMessage(ports: ReceiverPorts, request: IncomingMessage): Promise<Received> {
  const judged = judgeHeaders(ports, request);
  if (judged.kind === "refused") return judged;
  const { envelope, requestMac } = judged;
  let taken: Buffer | undefined;
  const received = await readContent(request, envelope, (bytes) => (taken = ports.memory.take(bytes)));
  if (received === "gone") return { kind: "gone" };
  const content = received === "too-much" ? undefined : splitContent(ports.pairKey, envelope, received);
  const fields = content && decodeFields(content.fields);
  if (content === undefined || fields === undefined) {
    return { kind: "refused", reason: "altered", because: "the content is not what was signed", requestMac };
  }
  if (envelope.kind === helloKind) return { kind: "hello", requestMac };
  const giveBack = (): void => {
    if (taken !== undefined) ports.memory.giveBack(taken);
    taken = undefined;
  };
  const message = content.body === undefined ? { fields } : { fields, body: content.body, giveBack };
  return { kind: "message", requestMac, messageKind: envelope.kind, message };
}

interface Admitted {
  readonly kind: "admitted";
  readonly envelope: RequestEnvelope;
  readonly requestMac: string;
}

function judgeHeaders({ identity, pairKey, sessions }: ReceiverPorts, request: IncomingMessage): Admitted | Refused {
  const refuse = (reason: LinkRefusal, because: string, requestMac?: string): Refused => {
    return { kind: "refused", reason, because, requestMac };
  };
  const sealed = readSealed(request.headers);
  if (request.method !== "POST" || request.url !== linkPath || sealed === undefined) {
    return refuse("malformed", "not a message of the link");
  }
  const opened = openRequest(pairKey, sealed);
  if (opened === undefined) return refuse("wrong-key", "the HMAC is not that of this pair key");
  const admission = decideAdmission(identity, opened, contentLimits);
  if (admission.kind === "refused") return refuse(admission.reason, admission.because, sealed.mac);
  const { envelope } = admission;
  if (envelope.kind !== helloKind) {
    // Taken before the content is read: two copies of one message that arrive together must not both pass.
    const taken = sessions.take(envelope.session, envelope.counter);
    if (taken !== "fresh") return refuse(taken, `message ${envelope.counter} of kind "${envelope.kind}"`, sealed.mac);
  }
  return { kind: "admitted", envelope, requestMac: sealed.mac };
}

async function readContent(
  request: IncomingMessage,
  envelope: RequestEnvelope,
  reserve: (bytes: number) => Buffer,
): Promise<Buffer | "too-much" | "gone"> {
  try {
    return await readBody(request, contentBytes(envelope), reserve);
  } catch (error) {
    return errorCode(error) === "REQUEST_TOO_LARGE" ? "too-much" : "gone";
  }
}

import { AppError } from "../../shared/core/app-error.js";
import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";
import { formatHostAndPort } from "../../shared/core/host-and-port.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import { withDeadline } from "../../shared/deadline.js";
import type { ListenAddress } from "../../shared/http-server.js";
import { contentLimits, type LinkIdentity } from "../core/link-admission.js";
import type { LinkRefusal } from "../core/link-refusal.js";
import type { AskOptions, Link, LinkMessage } from "./link.js";
import { createLinkConversation, type LinkConversation } from "./link-conversation.js";
import { createLinkExchange } from "./link-exchange.js";
import { LinkRefusedError, linkRefusalOf } from "./link-refused-error.js";
import { encodeFields, helloKind } from "./link-wire.js";
import { checkPairKey } from "./pair-key.js";
import type { LinkCertificates } from "./pinned-tls.js";
import { createRefusalRecorder } from "./refusal-recorder.js";

export interface LinkClientOptions {
  readonly peer: ListenAddress;
  /** Undefined: the transport `http`, without encryption. */
  readonly tls: LinkCertificates | undefined;
  readonly pairKey: Buffer;
  readonly identity: LinkIdentity;
  readonly log: LoggerPort;
  readonly clock: ClockPort;
  readonly random: RandomPort;
  /** Counts answers that were refused here: a wrong certificate, an HMAC that is not the peer's. */
  readonly onRefused: (reason: LinkRefusal) => void;
}

export interface LinkClient extends Link {
  /** Ends all sockets; what still waits for an answer rejects with PEER_UNREACHABLE. */
  close(): void;
}

/** Each waiting message holds its body in memory. */
const waitingLimit = 256;

/** Asks the peer's link server. Connects when first asked; a restarted peer is greeted again without being noticed. */
export function createLinkClient(options: LinkClientOptions): LinkClient {
  const { peer, tls, pairKey, clock } = options;
  checkPairKey(pairKey);
  const record = createRefusalRecorder(options);
  const exchange = createLinkExchange(peer, tls);
  const conversation = createLinkConversation({ ...options, exchange });
  let waiting = 0;
  return {
    ask: async (kind, message, { limitSeconds, signal }) => {
      checkMessage(kind, message);
      if (waiting >= waitingLimit) {
        throw new AppError("PEER_UNREACHABLE", `not sent: ${waiting} messages wait for an answer already`);
      }
      waiting += 1;
      try {
        return await askWithin(clock, conversation, kind, message, { limitSeconds, ...(signal && { signal }) });
      } catch (error) {
        const refused = refusedHere(error);
        if (refused) record(refused.reason, refused.message, { peer: formatHostAndPort(peer), kind });
        throw error;
      } finally {
        waiting -= 1;
      }
    },
    close: () => {
      exchange.close();
    },
  };
}

function askWithin(
  clock: ClockPort,
  conversation: LinkConversation,
  kind: string,
  message: LinkMessage,
  { limitSeconds, signal }: AskOptions,
): Promise<LinkMessage> {
  return withDeadline(clock, { limitSeconds, signal, what: `asking the peer "${kind}"` }, (within) =>
    conversation.ask(kind, message, within),
  );
}

function checkMessage(kind: string, { fields, body }: LinkMessage): void {
  if (kind === helloKind || kind === "" || kind.length > 128) throw new Error(`"${kind}" is no kind of message`);
  const fieldsBytes = encodeFields(fields).length;
  if (fieldsBytes > contentLimits.fieldsBytes || (body?.length ?? 0) > contentLimits.bodyBytes) {
    throw new AppError("REQUEST_TOO_LARGE", `"${kind}": ${fieldsBytes} bytes of fields, ${body?.length ?? 0} of body`);
  }
}

/** A refusal by the peer is counted and logged there; one by this side, here. */
function refusedHere(error: unknown): LinkRefusedError | undefined {
  const reason = linkRefusalOf(error);
  if (reason !== "wrong-certificate" && reason !== "reply-not-authentic") return undefined;
  const cause = error instanceof AppError ? error.cause : undefined;
  return cause instanceof LinkRefusedError ? cause : undefined;
}

import { linkProtocol } from "../../shared/core/status.js";
import type { ServerName } from "../../shared/core/server-name.js";
import { requestEnvelope, versionedEnvelope, type RequestEnvelope } from "./link-authentication.js";
import type { LinkRefusal } from "./link-refusal.js";

/** What one side is, and what it expects of the other. */
export interface LinkIdentity {
  readonly pair: string;
  readonly server: ServerName;
  /** Random, new with each start; the same for this process's link server and link client. */
  readonly instance: string;
}

export interface ContentLimits {
  readonly fieldsBytes: number;
  readonly bodyBytes: number;
}

export const contentLimits: ContentLimits = { fieldsBytes: 1024 * 1024, bodyBytes: 64 * 1024 * 1024 };

export type Admission =
  | { readonly kind: "admitted"; readonly envelope: RequestEnvelope }
  | { readonly kind: "refused"; readonly reason: LinkRefusal; readonly because: string };

/**
 * Judges an authentic envelope before anything of the content is read. The order is that of usefulness for the
 * operator: a peer of another version may differ in everything else, so its number comes first.
 */
export function decideAdmission(own: LinkIdentity, opened: unknown, limits: ContentLimits): Admission {
  const versioned = versionedEnvelope.safeParse(opened);
  if (!versioned.success) return refuse("malformed", "the envelope has no protocol number");
  const protocol = versioned.data.protocol;
  if (protocol !== linkProtocol) {
    return refuse("unknown-protocol", `the peer speaks protocol ${protocol}, this server ${linkProtocol}`);
  }
  const parsed = requestEnvelope.safeParse(opened);
  if (!parsed.success) return refuse("malformed", "the envelope lacks something or has the wrong form");
  const envelope = parsed.data;
  if (envelope.pair !== own.pair) {
    return refuse("other-pair", `the message is of pair "${envelope.pair}", this server of "${own.pair}"`);
  }
  if (envelope.instance === own.instance) {
    return refuse("own-message", "the message was sent by this very process");
  }
  if (envelope.sender === own.server) return refuse("same-roles", `both servers say that they are the ${own.server}`);
  const { fieldsBytes, bodyBytes = 0 } = envelope;
  if (fieldsBytes > limits.fieldsBytes || bodyBytes > limits.bodyBytes) {
    return refuse("oversized", `${fieldsBytes} bytes of fields, ${bodyBytes} of body`);
  }
  return { kind: "admitted", envelope };
}

function refuse(reason: LinkRefusal, because: string): Admission {
  return { kind: "refused", reason, because };
}

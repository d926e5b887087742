import { dnsRcode, rcodeName, tsigError, tsigErrorName } from "./dns-codes.js";

/** What came back for a signed request. */
export type SignedAnswer =
  /** Signed over the request's own MAC: the update server itself answered this very request. */
  | { readonly kind: "authentic"; readonly rcode: number; readonly tsigError: number }
  | { readonly kind: "unauthentic"; readonly because: string }
  | { readonly kind: "none"; readonly because: string };

/** What an answer to an update proves. */
export type UpdateVerdict =
  | { readonly kind: "done" }
  /** A prerequisite did not hold when this message was looked at. */
  | { readonly kind: "violated"; readonly rcode: number; readonly because: string }
  /** Turned away before anything was changed. */
  | { readonly kind: "refused"; readonly because: string; readonly hint: string }
  | { readonly kind: "unclear"; readonly because: string };

/** What to do about BADTIME. */
export const clocksHint = "Set the clocks of this server and of the update server (NTP).";

const hints: Readonly<Record<number, string>> = {
  [dnsRcode.FORMERR]: "The update server does not take RFC 2136 updates of this form.",
  [dnsRcode.NOTIMP]: "The update server does not take RFC 2136 updates.",
  [dnsRcode.REFUSED]: "Allow the TSIG key to update this name (BIND: update-policy or allow-update).",
  [dnsRcode.NOTAUTH]: "dns.zone must be the zone's own name, and dns.updateServer its primary name server.",
  [dnsRcode.NOTZONE]: "dns.name must lie in dns.zone.",
};

/**
 * The failover's safety rests on this table: done is certain, violated is certain, refused is certain, and all else
 * is unclear. Only an authentic answer is certain; anyone on the way can write the others, and could hide a claim that
 * was applied behind a forged refusal.
 */
export function decideUpdate(answer: SignedAnswer): UpdateVerdict {
  if (answer.kind !== "authentic") return { kind: "unclear", because: answer.because };
  if (answer.tsigError !== tsigError.none) {
    // BADTIME too: who kept the message can send it again when its time has come by the server's clock.
    return { kind: "unclear", because: `the update server answers ${tsigErrorName(answer.tsigError)}` };
  }
  const because = `the update server answers ${rcodeName(answer.rcode)}`;
  switch (answer.rcode) {
    case dnsRcode.NOERROR:
      // RFC 2136 section 3.5: answered only after the change is on stable storage.
      return { kind: "done" };
    case dnsRcode.NXDOMAIN:
    case dnsRcode.YXDOMAIN:
    case dnsRcode.YXRRSET:
    case dnsRcode.NXRRSET:
      return { kind: "violated", rcode: answer.rcode, because };
    case dnsRcode.FORMERR:
    case dnsRcode.NOTIMP:
    case dnsRcode.REFUSED:
    case dnsRcode.NOTAUTH:
    case dnsRcode.NOTZONE:
      // All are answered before the first change: sections 3.1 (zone), 3.3 (permission), 3.4.1 (prescan).
      return { kind: "refused", because, hint: hints[answer.rcode] ?? "" };
    default:
      // SERVFAIL may come in the middle of the work or after it (section 3.5); of other codes nothing is known.
      return { kind: "unclear", because };
  }
}

/** What was put into a signature, and what is known of the server's clock: enough to say when it stops counting. */
export interface SignatureTimes {
  readonly timeSignedSeconds: number;
  readonly fudgeSeconds: number;
  /** This server's wall clock when it signed. */
  readonly signedAtWallMs: number;
  /** The server's clock minus this one; 0 when unknown. */
  readonly serverOffsetMs: number;
}

/**
 * Until when, by this server's wall clock, the update server may still take a message with this signature: a frozen one
 * applies it when it wakes. It compares whole seconds, so the last of them counts in full. The server's offset may only
 * lengthen the time, never shorten it: a clock that differed a moment ago may have been set meanwhile.
 */
export function updateValidUntilMs(times: SignatureTimes): number {
  const validMs = (times.fudgeSeconds + 1) * 1000;
  const byServerClock = times.timeSignedSeconds * 1000 + validMs - times.serverOffsetMs;
  return Math.max(byServerClock, times.signedAtWallMs + validMs);
}

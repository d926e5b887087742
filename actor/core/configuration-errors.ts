import type { ServerName } from "../../shared/core/server-name.js";
import { linkProtocol, type ActorStatus } from "../../shared/core/status.js";
import type { Readiness } from "./readiness.js";

/** What the reasons of the state `configuration_error` are looked for in. */
export interface ConfigurationFacts {
  readonly server: ServerName;
  readonly peerStatus: Pick<ActorStatus, "server" | "protocol" | "timeZone"> | undefined;
  /** The peer's status is recent enough to be held against it. */
  readonly isPeerStateKnown: boolean;
  /** Named by the link when the peer cannot even be talked with. */
  readonly peerRefusal: "" | "same-roles" | "protocol";
  readonly clockOffsetSeconds: number;
  readonly timeZone: string;
  readonly pointsToNeitherSeconds: number;
  /** What the name's servers answer, beside what either server should have. */
  readonly nameAddresses: {
    readonly name: string;
    readonly published: readonly string[];
    readonly primary: readonly string[];
    readonly secondary: readonly string[];
  };
  readonly isOperationRunning: boolean;
  readonly readiness: Readiness;
  readonly items: readonly {
    readonly kind: "folder" | "database";
    readonly name: string;
    readonly because: string;
    /** For how long the item has been fatal without a break; undefined: it is not. */
    readonly fatalSeconds: number | undefined;
  }[];
}

/** Why two servers cannot work together, each with its reason (fixed words, for metrics) and a sentence. */
export interface FoundConfigurationError {
  readonly reason: ConfigurationErrorReason;
  readonly because: string;
}

export const configurationErrorReasons = [
  "same-roles",
  "protocol-versions",
  "clocks-apart",
  "time-zones-differ",
  "name-points-to-neither",
  "fatal-file-error",
  "fatal-database-error",
  "ownership-not-remembered",
] as const;
export type ConfigurationErrorReason = (typeof configurationErrorReasons)[number];

/** A resolver may be between two servers for a moment; only what lasts is an error. */
const pointsToNeitherLimitSeconds = 30;
/**
 * A step of synchronisation that fails is tried again, after a second at first. An error asks for a person and stops
 * synchronisation, so it is one only when the second and the third try have not helped either.
 */
export const fatalLimitSeconds = 10;

export function findConfigurationErrors(
  facts: ConfigurationFacts,
  limits: { readonly maximumOffsetSeconds: number },
): FoundConfigurationError[] {
  const found: FoundConfigurationError[] = [];
  const { peerStatus, isPeerStateKnown } = facts;
  if (facts.peerRefusal === "same-roles" || (isPeerStateKnown && peerStatus?.server === facts.server)) {
    found.push({ reason: "same-roles", because: `both servers are set up as the ${facts.server}` });
  }
  if (facts.peerRefusal === "protocol" || (isPeerStateKnown && peerStatus && peerStatus.protocol !== linkProtocol)) {
    found.push({
      reason: "protocol-versions",
      because: `this server speaks link protocol ${linkProtocol}, the peer ${peerStatus?.protocol ?? "another one"}`,
    });
  }
  if (isPeerStateKnown && Math.abs(facts.clockOffsetSeconds) > limits.maximumOffsetSeconds) {
    found.push({
      reason: "clocks-apart",
      because: `the peer's clock is ${Math.abs(facts.clockOffsetSeconds).toFixed(1)} s ${facts.clockOffsetSeconds > 0 ? "ahead of" : "behind"} this server's, allowed are ${limits.maximumOffsetSeconds} s`,
    });
  }
  if (isPeerStateKnown && peerStatus && peerStatus.timeZone !== facts.timeZone) {
    found.push({
      reason: "time-zones-differ",
      because: `this server's time zone is ${facts.timeZone}, the peer's ${peerStatus.timeZone}`,
    });
  }
  if (facts.pointsToNeitherSeconds > pointsToNeitherLimitSeconds && !facts.isOperationRunning) {
    found.push({ reason: "name-points-to-neither", because: describeNeither(facts.nameAddresses) });
  }
  // Of two servers of one role the wrong one remembers nothing either: that is no second error.
  if (facts.readiness === "unknown" && found[0]?.reason !== "same-roles") {
    found.push({
      reason: "ownership-not-remembered",
      because:
        "the ownership record names this server, but its state directory does not remember how that came about, so the data here may be old: compare them with the other server's; if these are the newer, run here: sparesync adopt",
    });
  }
  for (const item of facts.items) {
    if (item.fatalSeconds === undefined || item.fatalSeconds < fatalLimitSeconds) continue;
    const reason = item.kind === "folder" ? "fatal-file-error" : "fatal-database-error";
    if (!found.some((error) => error.reason === reason))
      found.push({ reason, because: `${item.name}: ${item.because}` });
  }
  return found;
}

function describeNeither({ name, published, primary, secondary }: ConfigurationFacts["nameAddresses"]): string {
  const list = (addresses: readonly string[]): string => addresses.join(" and ");
  const answer = published.length === 0 ? "has no address" : `points to ${list(published)}`;
  return `${name} ${answer}, dns.addresses has ${list(primary)} for the primary and ${list(secondary)} for the secondary: correct the name at the name server, or the settings of both servers`;
}

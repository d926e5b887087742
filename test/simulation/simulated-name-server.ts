import type { OwnershipRecord } from "../../actor/core/ownership-record.js";
import type { ServerName } from "../../shared/core/server-name.js";
import type { VirtualTime } from "./virtual-time.js";
import { isSameRecord } from "../../actor/core/ownership-record.js";

/** TSIG's fudge: an update that is older when it is looked at is refused (RFC 8945 5.2.3). */
const fudgeMs = 300_000;

/** `refused`: too old, BADTIME. `turned-away`: authentically REFUSED, certainly not applied. */
export type UpdateAnswer = "done" | "lost" | "refused" | "turned-away";

/**
 * The update server: one record, one address, updates that are atomic. Frozen, it keeps what arrives and works it off
 * when it wakes, as BIND, Knot and PowerDNS do.
 */
export class SimulatedNameServer {
  record: OwnershipRecord | undefined = { epoch: 1, active: "primary", operationId: "first" };
  address: ServerName = "primary";
  /** The address was written by a host that registered itself, not by who owns the name. */
  isTakenBack = false;
  isFrozen = false;
  readonly violations: string[] = [];
  readonly #waiting: (() => void)[] = [];
  /** A planted bug: claims are applied without looking at the prerequisite. */
  ignoresPrerequisites = false;
  /** Its policy was changed: it answers questions and turns every update away. */
  turnsUpdatesAway = false;

  /** Its policy was changed: it answers no question. */
  turnsQuestionsAway = false;
  /** What another authoritative server answers that is cut off from this one; undefined: it follows. */
  staleAddress: ServerName | undefined;

  /** Another authoritative server, out in the internet, that follows this one at once. */
  isFollowed = false;
  /** What that one shows instead; undefined: what it follows. */
  forgedRecord: OwnershipRecord | undefined;

  constructor(private readonly time: VirtualTime) {}

  freeze(): void {
    this.isFrozen = true;
  }

  thaw(): void {
    this.isFrozen = false;
    for (const work of this.#waiting.splice(0)) work();
  }

  /** Runs now, or when the server wakes. */
  handle(work: () => void): void {
    if (this.isFrozen) this.#waiting.push(work);
    else work();
  }

  claim(previous: OwnershipRecord | undefined, next: OwnershipRecord, signedAtMs: number): UpdateAnswer {
    if (this.time.nowMs - signedAtMs > fudgeMs) return "refused";
    if (this.turnsUpdatesAway) return "turned-away";
    const isAsExpected = previous ? this.record && isSameRecord(this.record, previous) : this.record === undefined;
    if (!isAsExpected && !this.ignoresPrerequisites) return "lost";
    if (this.record && next.epoch !== this.record.epoch + 1) {
      this.violations.push(`a claim of epoch ${next.epoch} was written over epoch ${this.record.epoch}`);
    }
    this.record = next;
    return "done";
  }

  publish(own: OwnershipRecord, signedAtMs: number): UpdateAnswer {
    if (this.time.nowMs - signedAtMs > fudgeMs) return "refused";
    if (this.turnsUpdatesAway) return "turned-away";
    if (!this.record || !isSameRecord(this.record, own)) return "lost";
    this.address = own.active;
    this.isTakenBack = false;
    return "done";
  }

  /** A host registers its own address under the name, as dynamic DNS of an operating system does. */
  registerItself(server: ServerName): void {
    this.address = server;
    this.isTakenBack = true;
  }
}

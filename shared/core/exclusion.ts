export interface ExclusionFacts {
  readonly updateServerSite: "elsewhere" | "primary" | "secondary";
  /** Whether a guard keeps the fence when the actor is killed or frozen (docs/ownership.md 7). */
  readonly hasGuard: boolean;
  /** Whether both servers have the same witness at a third site (docs/decisions/0028). */
  readonly hasWitness?: boolean;
}

/**
 * Whether two active servers are excluded, and why. `none` is never the answer for valid settings; the status schema
 * knows it for an actor that has not judged yet.
 */
export interface Exclusion {
  readonly kind: "proof" | "assumption";
  readonly because: string;
}

const withoutGuard =
  "there is no guard process: an actor that is killed or frozen cannot stop the managed system, which then serves on beside the other server's";
const atTheSpare =
  "the update server stands at the secondary's site: when that site is lost the primary serves on unconfirmed, because clients cannot reach what the spare cannot reach through the internet — that is assumed, not proven";
const byWitness =
  "an active server that can confirm neither its ownership nor its lease at the witness stops, and the spare takes over by itself only when it has that lease";
const atThePrimary =
  "the update server stands at the primary's site: losing that site cannot fail over, because the secondary cannot claim the name there";

/** Judges by docs/ownership.md 6 and 7: a proof needs a source of confirmation away from the spare, and a guard. */
export function judgeExclusion(facts: ExclusionFacts): Exclusion {
  const doubts: string[] = [];
  const isAtTheSpare = facts.updateServerSite === "secondary";
  if (isAtTheSpare && facts.hasWitness !== true) doubts.push(atTheSpare);
  if (!facts.hasGuard) doubts.push(withoutGuard);
  const remark = facts.updateServerSite === "primary" ? [atThePrimary] : [];
  if (doubts.length > 0) return { kind: "assumption", because: [...doubts, ...remark].join("; and ") };
  if (isAtTheSpare) return { kind: "proof", because: byWitness };
  const proof =
    "an active server that cannot confirm its ownership at the update server stops before another may start";
  return { kind: "proof", because: [proof, ...remark].join("; but ") };
}

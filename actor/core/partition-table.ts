import { otherServer, serverNames, type ServerName } from "../../shared/core/server-name.js";
import { decideGrant, decideServing, judgeRecord, nextRecord } from "./ownership.js";
import type { OwnershipRecord } from "./ownership-record.js";
import { judgeTaking } from "./witness-rules.js";

/** Which of the three lines are cut for long. The line between the servers is also the spare's sight of the application. */
export interface Partition {
  readonly active: ServerName;
  readonly updateServerSite: "elsewhere" | "secondary";
  readonly isLinkCut: boolean;
  readonly isPrimaryCut: boolean;
  readonly isSecondaryCut: boolean;
  /** Who is cut off from the witness; undefined: there is none. */
  readonly cutFromWitness?: readonly ServerName[];
}

export interface PartitionOutcome {
  readonly partition: Partition;
  /** Who serves when everybody has noticed. Two are only possible where an assumption excludes the partition. */
  readonly serving: readonly ServerName[];
  readonly because: string;
}

const limits = { selfFenceSeconds: 0, stopSeconds: 0, marginSeconds: 0 };
const first = (active: ServerName): OwnershipRecord => ({ epoch: 1, active, operationId: "first" });

/** Every partition of the three lines. With the update server beside the spare the line between those two is no line. */
export const partitions: readonly Partition[] = serverNames.flatMap((active) =>
  (["elsewhere", "secondary"] as const).flatMap((updateServerSite) =>
    cuts(updateServerSite).map((cut) => ({ active, updateServerSite, ...cut })),
  ),
);

/** With a witness, where it matters: the primary is active and has lost sight of the spare, so that somebody may take over. */
export const witnessPartitions: readonly Partition[] = partitions
  .filter(({ active, isLinkCut }) => active === "primary" && isLinkCut)
  .flatMap((partition) =>
    [[], ["primary"], ["secondary"], serverNames].map((cutFromWitness) => ({
      ...partition,
      cutFromWitness: cutFromWitness as readonly ServerName[],
    })),
  );

function cuts(site: Partition["updateServerSite"]): readonly Omit<Partition, "active" | "updateServerSite">[] {
  const both = [false, true];
  const atSecondary = site === "secondary" ? [false] : both;
  return both.flatMap((isLinkCut) =>
    both.flatMap((isPrimaryCut) => atSecondary.map((isSecondaryCut) => ({ isLinkCut, isPrimaryCut, isSecondaryCut }))),
  );
}

/**
 * Who serves in a lasting partition, from the rules of docs/ownership.md alone. The spare takes one vantage for enough and
 * the assumption is accepted where there is no proof; otherwise an operator is asked where a takeover stands here.
 */
export function decidePartition(partition: Partition): PartitionOutcome {
  const { active, isLinkCut } = partition;
  const standby = otherServer(active);
  const before = mayServe(partition, active, first(active));
  const isTakenOver =
    active === "primary" &&
    isLinkCut &&
    reachesUpdateServer(partition, standby) &&
    isAllowedByWitness(partition, before.isAllowed);
  if (!isTakenOver) {
    return { partition, serving: before.isAllowed ? [active] : [], because: before.because };
  }
  const claimed = nextRecord(first(active), standby, "claim");
  const after = mayServe(partition, active, claimed);
  return { partition, serving: after.isAllowed ? [active, standby] : [standby], because: after.because };
}

/** The spare takes over by itself only when the witness answers it and the primary does not hold the lease there. */
function isAllowedByWitness({ active, cutFromWitness }: Partition, isServing: boolean): boolean {
  if (cutFromWitness === undefined) return true;
  if (cutFromWitness.includes(otherServer(active))) return false;
  const isHeld = isServing && !cutFromWitness.includes(active);
  const holder = isHeld ? { record: first(active), revision: "1", leaseId: "1" } : undefined;
  return judgeTaking(holder, otherServer(active)).isAllowed;
}

/** Whether the active server goes on, when the update server's record is this one. */
function mayServe(
  partition: Partition,
  server: ServerName,
  record: OwnershipRecord,
): { readonly isAllowed: boolean; readonly because: string } {
  const known = first(server);
  const read = reachesUpdateServer(partition, server) ? record : undefined;
  if (judgeRecord(read, known, server).kind === "newer") {
    const because = `the ${server} reads that the ${record.active} has claimed the name, and stops before that one starts`;
    return { isAllowed: false, because };
  }
  const isOwn = judgeRecord(read, known, server).kind === "own";
  const grant = decideGrant({ server: otherServer(server), record: known, claim: null }, known.epoch);
  const isConfirmed = isOwn || (!partition.isLinkCut && grant.isGranted);
  const facts = {
    server,
    record: known,
    confirmedAgeSeconds: isConfirmed ? 0 : Infinity,
    peerPromise: { sequence: 0, kind: null },
    updateServerSite: partition.updateServerSite,
    areExternalResourcesAvailable: true,
    witnessHeldAgeSeconds: heldAgeSeconds(partition, server, record),
  };
  const { kind, because } = decideServing(facts, limits);
  const by = isOwn ? "by the update server" : "by the other server's word";
  const confirmed = isConfirmed ? `, ${by}` : "";
  const stopped = kind === "must-stop" ? `nothing confirms the ${server}, which stops` : because + confirmed;
  return { isAllowed: kind === "may-serve", because: stopped };
}

/** A claimant has written its own claim into the witness's key: then nobody else holds it. */
function heldAgeSeconds({ cutFromWitness }: Partition, server: ServerName, { active }: OwnershipRecord) {
  if (cutFromWitness === undefined) return undefined;
  return active === server && !cutFromWitness.includes(server) ? 0 : Infinity;
}

function reachesUpdateServer({ isPrimaryCut, isSecondaryCut }: Partition, server: ServerName): boolean {
  return server === "primary" ? !isPrimaryCut : !isSecondaryCut;
}

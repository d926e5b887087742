import type { KeptFacts } from "./kept-facts.js";

/** How many records are remembered in which this server was ready to serve. */
const rememberedRecords = 20;

/**
 * Whether this server has everything to serve as the owner that the known record names: in that very record it has
 * promoted its copies, or it owned the name already. The record alone says nothing of that (docs/ownership.md 7).
 */
export function isReadyToServe(facts: KeptFacts): boolean {
  const { record, server } = facts;
  return record?.active === server && facts.readyRecordIds.includes(record.operationId);
}

/** Remembers that this server is ready to serve in the record of this id, or will be as soon as it is written. */
export function withReadyRecord(facts: KeptFacts, recordId: string): KeptFacts {
  if (facts.readyRecordIds.includes(recordId)) return facts;
  return { ...facts, readyRecordIds: [recordId, ...facts.readyRecordIds].slice(0, rememberedRecords) };
}

/** The id of the record by which the coordinator of an operation keeps the name when it undoes the hand-over. */
export function claimAnewId(operationId: string): string {
  return `${operationId}undo`;
}

export type Readiness =
  /** No record is known, or it names the other server. */
  | "not-owner"
  | "ready"
  /** An operation is running here that has this to settle. */
  | "in-operation"
  /** A claim of this server that was given up has come true after all: the takeover is still to be done. */
  | "claim-came-true"
  /** Nothing here tells how this server came to own the name: its state was lost, or is older than the record. */
  | "unknown";

export function judgeReadiness(facts: KeptFacts): Readiness {
  const { record, server } = facts;
  if (record?.active !== server) return "not-owner";
  if (isReadyToServe(facts)) return "ready";
  if (facts.operation) return "in-operation";
  const isOf = (operationId: string): boolean =>
    record.operationId === operationId || record.operationId === claimAnewId(operationId);
  const isOwnClaim =
    facts.claim?.operationId === record.operationId ||
    facts.cancelledOperations.some(isOf) ||
    facts.lastOperations.some((last) => isOf(last.id));
  return isOwnClaim ? "claim-came-true" : "unknown";
}

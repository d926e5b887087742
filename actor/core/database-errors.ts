import type { ErrorCode } from "../../shared/core/error-catalogue.js";

/** What becomes of a failure of the synchronisation of a database. The work is tried again after each, with a growing pause. */
export interface ErrorConsequence {
  /** warning: may well be over by itself. fatal: a person, or a full copy, is needed. */
  readonly health: "warning" | "fatal";
  /** Whether a full copy can be the way out, when the setting allows it. */
  readonly isMendedByCopy: boolean;
  readonly why: string;
}

const passing = (why: string): ErrorConsequence => ({ health: "warning", isMendedByCopy: false, why });
const lasting = (why: string): ErrorConsequence => ({ health: "fatal", isMendedByCopy: false, why });

/** By code of the error catalogue; what is not here is a fault of SpareSync itself, and fatal. */
export const databaseErrors = {
  DATABASE_UNREACHABLE: passing("the server is restarting, or the network is away"),
  DATABASE_BUSY: passing("deadlock victim, lock not granted in time, statement cancelled, serialisation failure"),
  PEER_UNREACHABLE: passing("the other server is away"),
  DEADLINE_EXCEEDED: passing("the other server is slow"),
  LINK_REFUSED: passing("a new session of the link is needed"),
  ABORTED: passing("the work was cancelled"),
  OPERATION_REFUSED: passing("the other side is in another role just now"),
  EPOCH_TOO_OLD: passing("another server has taken over; the role is about to change"),
  DATABASE_FAILED: {
    health: "fatal",
    isMendedByCopy: true,
    why: "a statement failed: a row that is in the way, or another constraint; what it was is in the message",
  },
  // A copy begins by emptying the target: it helps against none of these, and would take a good spare away.
  DATABASE_VALUE_REFUSED: lasting(
    "a type, a rule or a trigger of the target's table refuses a value, and would in a copy too",
  ),
  DATABASE_REFUSED: lasting("a login, a right or room is missing on the database's server"),
  REQUEST_TOO_LARGE: lasting(
    "a row or an answer is larger than a message between the servers may be; the message says which",
  ),
  DATABASE_SCHEMA_CHANGED: lasting("the tables are others than those installed"),
  DATABASE_UNSUPPORTED: lasting("a table, a right or the server's version does not allow it"),
  REINITIALISATION_REQUIRED: lasting("the target is no copy, and the setting wants to be asked"),
} as const satisfies Partial<Record<ErrorCode, ErrorConsequence>>;

/** What is to be done about DATABASE_VALUE_REFUSED. */
export const valueHint =
  "Make types, NOT NULL, CHECK and triggers of this table the same on both servers; a copy would not help.";

/** Failures of the target's database in a row after which a copy is the way out rather than one more try. */
export const triesBeforeCopy = 3;

export interface ErrorLimits {
  readonly connectionErrorsAreFatal: boolean;
}

/** What a failure with this code means. */
export function judgeError(code: string | undefined, limits: ErrorLimits): ErrorConsequence {
  const known: Readonly<Record<string, ErrorConsequence>> = databaseErrors;
  const isKnown = code !== undefined && Object.hasOwn(known, code);
  const consequence = (isKnown ? known[code] : undefined) ?? lasting("a fault of SpareSync itself");
  return code === "DATABASE_UNREACHABLE" && limits.connectionErrorsAreFatal
    ? { ...consequence, health: "fatal" }
    : consequence;
}

/** Each try waits for the lock of a row; the fifth ends who holds it, so that the sixth is the first without him. */
const triesBehindLock = 6;

/** Answers of the database to a point that are the same to the same rows. */
const lastingAnswers: readonly (string | undefined)[] = [
  "DATABASE_VALUE_REFUSED",
  "DATABASE_FAILED",
  "DATABASE_REFUSED",
  "DATABASE_UNSUPPORTED",
] satisfies ErrorCode[];

/**
 * Whether a promotion goes on without a received point whose writing has failed so for the `tries`-th time. Whether rows can be
 * written does not decide whether the others are served; a database that does not answer at all could not be promoted anyway.
 */
export function isSetAside(code: string | undefined, tries: number): boolean {
  return lastingAnswers.includes(code) || (code === "DATABASE_BUSY" && tries >= triesBehindLock);
}

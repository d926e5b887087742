import { serverNames, type ServerName } from "../../shared/core/server-name.js";

/** Where the name points: `neither` is a configuration error, `unknown` when no authoritative server answers. */
export type NamePointsTo = ServerName | "neither" | "mixed" | "unknown";

export interface NameJudgement {
  readonly pointsTo: NamePointsTo;
  readonly because: string;
}

/** What one authoritative server answers; `error` instead of an answer. */
export interface AnsweredAddresses {
  readonly server: string;
  readonly addresses: readonly string[];
  readonly error?: string;
}

/** Judges the answers of all authoritative servers. Addresses come in their canonical spelling. */
export function judgeAddresses(
  answers: readonly AnsweredAddresses[],
  addresses: Readonly<Record<ServerName, readonly string[]>>,
): NameJudgement {
  const answered = answers.filter((answer) => answer.error === undefined);
  const verdicts = answered.map((answer) => judgeOne(answer.addresses, addresses));
  const seen = [...new Set(verdicts)];
  const first = seen[0];
  if (first === undefined) {
    const errors = answers.map((answer) => `${answer.server}: ${answer.error ?? ""}`).join("; ");
    return { pointsTo: "unknown", because: `no authoritative server answers (${errors})` };
  }
  const shown = answered
    .map((answer) => `${answer.server}: ${answer.addresses.length === 0 ? "none" : answer.addresses.join(" ")}`)
    .join("; ");
  if (seen.length > 1) return { pointsTo: "mixed", because: `the authoritative servers do not agree (${shown})` };
  return { pointsTo: first, because: `${sentences[first]} (${shown})` };
}

const sentences = {
  primary: "the name points to the primary",
  secondary: "the name points to the secondary",
  mixed: "the addresses of the name are not exactly those of one server",
  neither: "the name points to neither server",
} as const;

function judgeOne(
  answered: readonly string[],
  addresses: Readonly<Record<ServerName, readonly string[]>>,
): keyof typeof sentences {
  const exact = serverNames.filter((server) => isSameSet(answered, addresses[server]));
  const only = exact[0];
  // Both servers with the same addresses cannot be told apart, and none of them may be named.
  if (only !== undefined) return exact.length === 1 ? only : "mixed";
  const known = new Set(serverNames.flatMap((server) => addresses[server]));
  return answered.some((address) => known.has(address)) ? "mixed" : "neither";
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  const [left, right] = [new Set(a), new Set(b)];
  return left.size === right.size && [...left].every((address) => right.has(address));
}

/** What the demonstration measured; with `--json` the last line on standard output. */
export interface DemonstrationResult {
  readonly switched: boolean;
  readonly failedBack: boolean;
  /** From the kill to the first write that the client was acknowledged afterwards. */
  readonly unavailableSeconds: number;
  /** From the kill to the decision to fail over, and from there to the published name. */
  readonly detectSeconds: number;
  readonly switchSeconds: number;
  /** The longest time without an acknowledged row around the failback. */
  readonly failbackUnavailableSeconds: number;
  readonly rowsAcknowledged: number;
  readonly filesAcknowledged: number;
  readonly rowsLostInFailover: number;
  readonly filesLostInFailover: number;
  /** Shown by the secondary before the kill: what a failover would have lost at that moment. */
  readonly recoveryPointSeconds: number;
  /** Of what was lost, how much had been committed before what the recovery point said was safe. */
  readonly lostBeyondRecoveryPoint: number;
  /** Of what was lost, how much the divergence reports did not name when the primary was back. */
  readonly lostAndNotReported: number;
  readonly rowsLostInFailback: number;
  readonly filesLostInFailback: number;
  readonly filesDifferent: number;
  readonly rowsDifferent: number;
  readonly dualActiveSeconds: number;
  /** Whether the returned primary's application stayed silent until it was asked back. */
  readonly returnedPrimaryPassive: boolean;
  /** Who asked for the failover: `watch` or `alertmanager`. */
  readonly askedBy: string;
  readonly seconds: number;
}

const mustBeZero = [
  "rowsLostInFailback",
  "filesLostInFailback",
  "filesDifferent",
  "rowsDifferent",
  "dualActiveSeconds",
  "lostBeyondRecoveryPoint",
  "lostAndNotReported",
] as const satisfies readonly (keyof DemonstrationResult)[];

/** What is not as it has to be, one sentence each; empty when the demonstration succeeded. */
export function shortcomings(result: DemonstrationResult): readonly string[] {
  const untrue = (["switched", "failedBack", "returnedPrimaryPassive"] as const).filter((name) => !result[name]);
  const nonZero = mustBeZero.filter((name) => result[name] !== 0);
  const empty = (["rowsAcknowledged", "filesAcknowledged"] as const).filter((name) => result[name] === 0);
  return [
    ...untrue.map((name) => `${name} is not true`),
    ...nonZero.map((name) => `${name} is ${String(result[name])} and must be 0`),
    ...empty.map((name) => `${name} is 0: nothing was tried`),
  ];
}

/** Of a control's time for stopping, the part `stop` gets where there is a `kill`: the kill must surely fit into the rest. */
export const stopShareBeforeKill = 0.6;

/** The seconds that a control's `stop` surely has, of the time that all controls share; it gets more when others are quick. */
export function surelyForStopSeconds(stopSeconds: number, controls: number, canKill: boolean): number {
  return (stopSeconds / Math.max(1, controls)) * (canKill ? stopShareBeforeKill : 1);
}

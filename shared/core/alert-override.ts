import { alertCatalogue, alertCodes, type AlertCode } from "./alert-catalogue.js";
import { findNearestKey } from "./settings/nearest-key.js";

/** What an administrator has set instead of the catalogue's delay and frequency of one code. */
export interface AlertOverride {
  readonly code: AlertCode;
  readonly delaySeconds: number;
  /** Undefined: said once. */
  readonly repeatSeconds: number | undefined;
}

const longestDelaySeconds = 7 * 86_400;
/** Alertmanager forgets after 120 h what it has told, and would then tell it again however long the frequency. */
const longestRepeatSeconds = 432_000;

/**
 * Reads `CODE:delay:frequency`, such as `MainAppInvisible:60:86400`; the frequency `-` says it once, as all that has
 * happened and is over is. Seconds, fractions allowed. A text is the sentence that says what is wrong.
 */
export function parseAlertOverride(text: string): AlertOverride | string {
  const [code = "", delay = "", repeat = "", ...rest] = text.split(":");
  if (rest.length > 0 || repeat === "")
    return "is not of the form CODE:delay:frequency, such as MainAppInvisible:60:86400";
  if (!isAlertCode(code)) {
    const nearest = findNearestKey(code, alertCodes);
    return `names no code${nearest === undefined ? "" : ` (did you mean ${nearest}?)`}: ${code}`;
  }
  if (code === "Watchdog") return "is about Watchdog, which fires always and is sent every minute: leave it out";
  const delaySeconds = readSeconds(delay, 0, longestDelaySeconds);
  if (delaySeconds === undefined) return `has the delay ${delay}, which is no number from 0 to ${longestDelaySeconds}`;
  if (repeat === "-") return { code, delaySeconds, repeatSeconds: undefined };
  if (alertCatalogue[code].kind === "event") {
    return `has the frequency ${repeat}, and what has happened is said once: write ${code}:${delay}:-`;
  }
  const repeatSeconds = readSeconds(repeat, 1, longestRepeatSeconds);
  if (repeatSeconds === undefined) {
    return `has the frequency ${repeat}, which is neither - nor a number from 1 to ${longestRepeatSeconds}`;
  }
  return { code, delaySeconds, repeatSeconds };
}

function isAlertCode(code: string): code is AlertCode {
  return Object.hasOwn(alertCatalogue, code);
}

function readSeconds(text: string, least: number, most: number): number | undefined {
  const value = /^\d+(\.\d{1,3})?$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : undefined;
}

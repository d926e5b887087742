import { parseAlertOverride } from "./alert-override.js";
import { messageCatalogue, type Message, type MessageCode } from "./message-catalogue.js";

/** When a message is sent and repeated. */
export type MessageTiming = Pick<Message, "delaySeconds" | "repeatSeconds">;

/** The timing of a message: the catalogue's, or what the settings say instead. */
export function messageTiming(code: MessageCode, overrides: readonly string[]): MessageTiming {
  const own = overrides.map(parseAlertOverride).findLast((one) => typeof one !== "string" && one.code === code);
  const { delaySeconds, repeatSeconds } = typeof own === "object" ? own : messageCatalogue[code];
  return { delaySeconds, repeatSeconds };
}

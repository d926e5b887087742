import { messageCatalogue, messageCodes, type Message, type MessageCode } from "./message-catalogue.js";

/** When a message is sent and repeated. */
export type MessageTiming = Pick<Message, "delaySeconds" | "repeatSeconds">;

export interface MessageOverride extends MessageTiming {
  readonly code: MessageCode;
}

/** `CODE:delay:frequency`, both in whole seconds; frequency `-`: said once. Undefined when it is not of that form. */
export function parseMessageOverride(text: string): MessageOverride | undefined {
  const [, name, delay, frequency] = /^([A-Za-z]+):(\d{1,7}):(\d{1,7}|-)$/.exec(text) ?? [];
  const code = messageCodes.find((known) => known === name);
  if (code === undefined || frequency === "0") return undefined;
  return { code, delaySeconds: Number(delay), repeatSeconds: frequency === "-" ? undefined : Number(frequency) };
}

/** The timing of a message: the catalogue's, or what the settings say instead. */
export function messageTiming(code: MessageCode, overrides: readonly string[]): MessageTiming {
  const own = overrides.map(parseMessageOverride).findLast((override) => override?.code === code);
  const { delaySeconds, repeatSeconds } = own ?? messageCatalogue[code];
  return { delaySeconds, repeatSeconds };
}

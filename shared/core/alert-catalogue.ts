import { messageCatalogue, type Message, type MessageCode } from "./message-catalogue.js";
import { supervisionCatalogue, type Supervision, type SupervisionCode } from "./supervision-catalogue.js";

/** Everything there is an alert for: each message, and what Prometheus alone supervises. */
export type AlertCode = MessageCode | SupervisionCode;

export const alertCatalogue: Readonly<
  Record<AlertCode, Supervision & { readonly kind?: Message["kind"]; readonly action?: "switchover" }>
> = { ...messageCatalogue, ...supervisionCatalogue };

/** All codes, messages first, in the order in which people are shown them. */
export const alertCodes = Object.keys(alertCatalogue) as readonly AlertCode[];

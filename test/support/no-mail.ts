import type { MessagePorts } from "../../actor/notify/message-ports.js";

/** A server without a mail server. */
export const noMail: MessagePorts = {
  canMail: false,
  sendMail: () => Promise.reject(new Error("there is no mail server")),
  heldAlerts: () => Promise.resolve([]),
  listening: () => ({ admin: true, link: true }),
  outbox: { read: () => Promise.resolve(undefined), write: () => Promise.resolve() },
};

import { AppError } from "../shared/core/app-error.js";
import type { MessageCode } from "../shared/core/message-catalogue.js";
import { messageTiming } from "../shared/core/message-timing.js";
import type { ActorContext } from "./actor-context.js";
import { buildStatus } from "./build-status.js";
import { recordEvent } from "./record-event.js";
import { compose } from "./watch/message-watch.js";

/** Gives a test message to the mail server at once, past the queue. Rejects with the reason when it is not taken. */
export async function sendTestMessage(context: ActorContext, code: MessageCode, requestedBy: string): Promise<void> {
  const { ports, settings, signal } = context;
  const { overrides, via } = settings.notifications;
  if (!ports.messages.canMail) {
    throw new AppError("MAIL_NOT_SET", "this server sends no mail: no mail server is set", {
      hint: "Set notifications.mail.server, from and to in the settings file and start the actor again.",
    });
  }
  const nowMs = ports.clock.wallMs();
  const because = `asked for by ${requestedBy}; messages go via: ${via}`;
  const message = { kind: "test", code, because, sinceMs: nowMs } as const;
  const mail = compose(context, { message, timing: messageTiming(code, overrides), own: buildStatus(context) }, nowMs);
  await ports.messages.sendMail(mail, signal);
  await recordEvent(context, { name: "OperatorActed", who: requestedBy, why: `test message ${code}`, result: "sent" });
}

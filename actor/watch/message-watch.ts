import { errorCode, errorMessage } from "../../shared/core/app-error.js";
import { adminUrl } from "../../shared/core/admin-url.js";
import type { LocalStatus } from "../../shared/core/local-status.js";
import { messageTiming } from "../../shared/core/message-timing.js";
import type { ActorContext } from "../actor-context.js";
import { buildStatus } from "../build-status.js";
import { composeMail, type MailFacts } from "../core/compose-mail.js";
import { addMails, nextMail, withFailedAttempt, withoutMail, type QueuedMail } from "../core/mail-queue.js";
import { findConditions, mutedCodes } from "../core/message-conditions.js";
import type { DueMessage, MessageState } from "../core/message-state.js";
import { isAlertmanagerAwaited, nextMessages } from "../core/next-messages.js";
import { MessageOutbox } from "../message-outbox.js";
import { recordEvent } from "../record-event.js";
import { runLoop } from "./loop.js";

const lookSeconds = 1;

/** How much longer than the delay `auto` leaves it to Alertmanager (docs/notifications.md). */
const graceSeconds = 60;

/** Makes messages from what holds and what happened, and gives them to the mail server. */
export async function runMessageWatch(context: ActorContext): Promise<void> {
  const { ports, settings } = context;
  if (!ports.messages.canMail || settings.notifications.via === "alertmanager") return;
  const outbox = await MessageOutbox.open(ports.messages.outbox, ports.log);
  await Promise.all([
    runLoop(
      context,
      "messages",
      () => lookSeconds,
      () => lookForMessages(context, outbox),
    ),
    runLoop(
      context,
      "mail",
      () => lookSeconds,
      () => deliver(context, outbox),
    ),
  ]);
}

/** One look: what is due is in the queue, and remembered as said, in one write. */
export async function lookForMessages(context: ActorContext, outbox: MessageOutbox): Promise<void> {
  const { ports, settings, situation, store, signal } = context;
  if (!situation.isFirstHeartbeatOver || !situation.isFirstConfirmationOver) return;
  const { via, overrides } = settings.notifications;
  const timing = (code: DueMessage["code"]): ReturnType<typeof messageTiming> => messageTiming(code, overrides);
  const status: LocalStatus = { ...buildStatus(context), listeners: ports.messages.listening() };
  const nowMs = ports.clock.wallMs();
  const { state } = outbox.document;
  const isAsking = via === "auto" && isAlertmanagerAwaited(state, { timing, nowMs });
  const step = nextMessages(state, {
    server: context.server,
    present: findConditions(status, situation.peerStatus),
    events: store.facts.events,
    muted: mutedCodes(status),
    alerts: isAsking ? await ports.messages.heldAlerts(signal) : [],
    graceSeconds: via === "auto" && settings.notifications.alertmanagers.length > 0 ? graceSeconds : 0,
    timing,
    nowMs,
  });
  if (step.messages.length === 0 && memoryOf(step.state) === memoryOf(state)) return;
  const mails = step.messages.map((message) =>
    compose(context, { message, timing: timing(message.code), own: status }, nowMs),
  );
  await queueMails(context, outbox, step.state, mails);
}

/** What must survive a restart; the sentence of a condition may change with each look. */
function memoryOf({ held, waiting, eventSequence }: MessageState): string {
  const times = Object.entries(held).map(([key, { sinceMs, toldAtMs, toldBy }]) => [key, sinceMs, toldAtMs, toldBy]);
  return JSON.stringify([times, waiting.map(({ sequence }) => sequence), eventSequence]);
}

async function queueMails(
  context: ActorContext,
  outbox: MessageOutbox,
  state: MessageState,
  mails: readonly QueuedMail[],
): Promise<void> {
  let dropped: readonly QueuedMail[] = [];
  await outbox.change((document) => {
    const added = addMails(document.queue, mails);
    dropped = added.dropped;
    return { ...document, state, queue: [...added.queue] };
  });
  for (const { subject } of mails) context.ports.log.info("message-queued", { subject });
  for (const mail of dropped) await tellDropped(context, mail, "the queue was full");
}

async function tellDropped(context: ActorContext, { subject, attempts }: QueuedMail, because: string): Promise<void> {
  context.ports.log.error("message-dropped", { subject, attempts, because });
  await recordEvent(context, { name: "MessageDropped", who: "actor", why: `${subject}: ${because}` });
}

/** Gives the oldest mail to the mail server, when it is time for it. */
export async function deliver(context: ActorContext, outbox: MessageOutbox): Promise<void> {
  const { ports, signal } = context;
  const mail = nextMail(outbox.document.queue, ports.clock.wallMs());
  if (!mail) return;
  try {
    await ports.messages.sendMail(mail, signal);
  } catch (error) {
    if (signal.aborted) return;
    if (errorCode(error) === "MAIL_REFUSED") {
      await removeMail(outbox, mail);
      await tellDropped(context, mail, errorMessage(error));
      return;
    }
    const nowMs = ports.clock.wallMs();
    await outbox.change((document) => ({ ...document, queue: [...withFailedAttempt(document.queue, mail.id, nowMs)] }));
    if (mail.attempts === 0)
      ports.log.warn("message-not-sent", { subject: mail.subject, because: errorMessage(error) });
    return;
  }
  await removeMail(outbox, mail);
  ports.log.info("message-sent", { subject: mail.subject, attempts: mail.attempts + 1 });
  await recordEvent(context, { name: "MessageSent", who: "actor", why: mail.subject });
}

function removeMail(outbox: MessageOutbox, { id }: QueuedMail): Promise<void> {
  return outbox.change((document) => ({ ...document, queue: [...withoutMail(document.queue, id)] }));
}

/** The first mail about something begins a thread; what is said of it later answers that one. */
export function compose(
  { settings, situation }: ActorContext,
  facts: Pick<MailFacts, "message" | "timing" | "own">,
  nowMs: number,
): QueuedMail {
  const { runbookUrl, grafanaUrl } = settings.notifications;
  const links = { runbookUrl, grafanaUrl, operationsUrl: `${adminUrl(settings)}/ops` };
  const mail = composeMail({ ...facts, peer: situation.peerStatus, links, nowMs });
  return {
    ...mail,
    ...placeInThread(settings, facts.message, nowMs),
    queuedAtMs: nowMs,
    attempts: 0,
    nextAttemptMs: nowMs,
  };
}

function placeInThread(
  { pair, server }: ActorContext["settings"],
  message: MailFacts["message"],
  nowMs: number,
): Pick<QueuedMail, "id" | "inReplyTo"> {
  const place = `${pair}.${server}`;
  if (message.kind === "test") return { id: `${place}.${message.code}.test.${Math.round(nowMs)}`, inReplyTo: "" };
  const thread = `${place}.${message.thread}`;
  return message.isFirst
    ? { id: thread, inReplyTo: "" }
    : { id: `${thread}.${message.kind}.${Math.round(nowMs)}`, inReplyTo: thread };
}

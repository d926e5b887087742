import type { LocalStatus } from "../../shared/core/local-status.js";
import type { HeldAlert } from "../core/held-alert.js";
import type { QueuedMail } from "../core/mail-queue.js";

/** How messages leave this server, and what they are made from beside the status. */
export interface MessagePorts {
  /** False where no mail server is set: then no message is made. */
  readonly canMail: boolean;
  /**
   * Gives one mail to the mail server. Rejects with MAIL_REFUSED when it will never take it, MAIL_FAILED when it may
   * take it later. Sent twice it is one message: its id stays the same.
   */
  sendMail(
    mail: Pick<QueuedMail, "id" | "inReplyTo" | "subject" | "text" | "html">,
    signal: AbortSignal,
  ): Promise<void>;
  /** The alerts of this pair that an Alertmanager holds now; none that answers holds none. Never rejects. */
  heldAlerts(signal: AbortSignal): Promise<readonly HeldAlert[]>;
  /** Which of the actor's listeners listen now. */
  listening(): LocalStatus["listeners"];
  readonly outbox: OutboxDiskPort;
}

/** The memory of the messages and the mails that wait, as one document, replaced whole. */
export interface OutboxDiskPort {
  /** Undefined when there never was one. */
  read(): Promise<unknown>;
  /** Durable when it resolves. */
  write(document: unknown): Promise<void>;
}

import { z } from "zod";
import { errorMessage } from "../shared/core/app-error.js";
import type { LoggerPort } from "../shared/core/logger-port.js";
import { queuedMail } from "./core/mail-queue.js";
import { messageState, noMessages } from "./core/message-state.js";
import type { OutboxDiskPort } from "./notify/message-ports.js";

const outboxDocument = z.object({ version: z.literal(1), state: messageState, queue: z.array(queuedMail) });
export type OutboxDocument = z.output<typeof outboxDocument>;

const emptyOutbox: OutboxDocument = { version: 1, state: noMessages, queue: [] };

/** What must be remembered of messages and mails, with one writer. */
export class MessageOutbox {
  #document: OutboxDocument;
  #problem = "";
  #tail: Promise<void> = Promise.resolve();
  readonly #disk: OutboxDiskPort;
  readonly #log: LoggerPort;

  private constructor(disk: OutboxDiskPort, log: LoggerPort, document: OutboxDocument) {
    this.#disk = disk;
    this.#log = log;
    this.#document = document;
  }

  /** A document that cannot be read is put aside in memory only: a message said twice is better than none at all. */
  static async open(disk: OutboxDiskPort, log: LoggerPort): Promise<MessageOutbox> {
    try {
      const document = await disk.read();
      return new MessageOutbox(disk, log, document === undefined ? emptyOutbox : outboxDocument.parse(document));
    } catch (error) {
      log.error("outbox-not-read", { because: errorMessage(error) });
      return new MessageOutbox(disk, log, emptyOutbox);
    }
  }

  get document(): OutboxDocument {
    return this.#document;
  }

  /**
   * Changes the document, durably where the disk takes it. A disk that does not must not silence this server: the change
   * counts in memory then, and a restart may say something twice.
   */
  change(change: (document: OutboxDocument) => OutboxDocument): Promise<void> {
    this.#tail = this.#tail.then(async () => {
      const next = change(this.#document);
      if (next === this.#document) return;
      this.#document = next;
      const problem = await this.#disk.write(next).then(
        () => "",
        (error: unknown) => errorMessage(error),
      );
      if (problem !== "" && problem !== this.#problem) this.#log.warn("outbox-not-kept", { because: problem });
      this.#problem = problem;
    });
    return this.#tail;
  }
}

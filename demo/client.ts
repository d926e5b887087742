import { createHash, randomBytes } from "node:crypto";
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { NameResolution } from "./name-resolution.js";
import { ask, type HttpAnswer } from "./request.js";

/** Something the application said is saved. */
export interface Acknowledgement {
  readonly kind: "row" | "file";
  readonly id: string;
  /** SHA-256 of the file, or the text of the row. */
  readonly content: string;
  /** The server that took it, as its application says. */
  readonly server: string;
  /** When the request that was acknowledged was sent, and when the answer came (Unix ms). */
  readonly sentAtMs: number;
  readonly atMs: number;
}

export interface ClientOptions {
  readonly name: NameResolution;
  readonly port: number;
  /** The acknowledgements as JSON lines, written as they come. */
  readonly logFile: string;
  readonly rowPauseMs: number;
  readonly filePauseMs: number;
  /** Called for each acknowledgement, e.g. to show that the server changed. */
  readonly onAcknowledged?: (acknowledgement: Acknowledgement) => void;
}

const requestLimitMs = 1_500;
const retryPauseMs = 50;

interface Write {
  readonly kind: Acknowledgement["kind"];
  readonly id: string;
  readonly content: string;
  readonly path: string;
  readonly body: string | Buffer;
}

/**
 * Keeps writing rows and files through the name. What is not acknowledged is sent again, under the same id, to whatever
 * the name says then; only a 201 counts.
 */
export class Client {
  readonly #options: ClientOptions;
  readonly #stop = new AbortController();
  readonly #acknowledged: Acknowledgement[] = [];
  #loops: Promise<unknown> = Promise.resolve();

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  start(): void {
    const { rowPauseMs, filePauseMs } = this.#options;
    this.#loops = Promise.all([this.#keepWriting(nextRow, rowPauseMs), this.#keepWriting(nextFile, filePauseMs)]);
  }

  /** What was acknowledged up to now, in the order of the answers. */
  get acknowledged(): readonly Acknowledgement[] {
    return this.#acknowledged;
  }

  /** Ends after the write under way; one that is only being repeated is given up. */
  async stop(): Promise<readonly Acknowledgement[]> {
    this.#stop.abort();
    await this.#loops;
    return this.#acknowledged;
  }

  async #keepWriting(next: (number: number) => Write, pauseMs: number): Promise<void> {
    for (let number = 1; !this.#stop.signal.aborted; number += 1) {
      await this.#writeUntilAcknowledged(next(number));
      await sleep(pauseMs);
    }
  }

  async #writeUntilAcknowledged(write: Write): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const sentAtMs = Date.now();
      const answer = await this.#send(write);
      if (answer?.status === 201) {
        this.#keep({
          kind: write.kind,
          id: write.id,
          content: write.content,
          server: answer.body,
          sentAtMs,
          atMs: Date.now(),
        });
        return;
      }
      await sleep(retryPauseMs);
    }
  }

  async #send({ path, body }: Write): Promise<HttpAnswer | undefined> {
    try {
      const [host] = await this.#options.name.addresses();
      if (host === undefined) return undefined;
      return await ask({ host, port: this.#options.port, method: "POST", path, body, limitMs: requestLimitMs });
    } catch {
      // No answer, or no address: asking again is all a client can do.
      return undefined;
    }
  }

  #keep(acknowledgement: Acknowledgement): void {
    this.#acknowledged.push(acknowledgement);
    appendFileSync(this.#options.logFile, `${JSON.stringify(acknowledgement)}\n`);
    this.#options.onAcknowledged?.(acknowledgement);
  }
}

function nextRow(number: number): Write {
  const id = `order-${String(number).padStart(6, "0")}`;
  const text = `${String(number)} pieces of ${randomBytes(12).toString("hex")}`;
  return { kind: "row", id, content: text, path: "/rows", body: JSON.stringify({ id, text }) };
}

const largestFileBytes = 16 * 1024;

function nextFile(number: number): Write {
  const id = `upload-${String(number).padStart(6, "0")}.bin`;
  const body = randomBytes(1 + ((number * 7919) % largestFileBytes));
  return { kind: "file", id, content: sha256(body), path: `/files?name=${id}`, body };
}

export function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

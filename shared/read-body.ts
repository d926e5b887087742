import type { IncomingMessage } from "node:http";
import { AppError, errorMessage } from "./core/app-error.js";

/**
 * The whole body of a message, at most `limitBytes` of it. Rejects with REQUEST_TOO_LARGE, without having kept more
 * than the limit, or REQUEST_INVALID when the sender went away or was cut off before the end. Of a sender that names its size
 * the body stands in memory that `reserve` gives, of at least so many bytes; it is asked once, when the first of them are there.
 */
export function readBody(
  message: IncomingMessage,
  limitBytes: number,
  reserve: (bytes: number) => Buffer = (bytes) => Buffer.allocUnsafe(bytes),
): Promise<Buffer> {
  const announced = message.headers["content-length"];
  // Refused before anything is read.
  if (Number(announced ?? 0) > limitBytes) return Promise.reject(tooLarge(limitBytes));
  const body = announced === undefined ? new GrowingBody(limitBytes) : new AnnouncedBody(Number(announced), reserve);
  return new Promise((resolve, reject) => {
    // By events: an iterator makes promises for each of the pieces, of which a large body has hundreds.
    const onData = (chunk: Buffer): void => {
      if (body.add(chunk)) return;
      // Whoever destroys the message takes its socket, which the answer needs.
      message.off("data", onData).pause();
      reject(tooLarge(limitBytes));
    };
    message.on("data", onData);
    message.once("end", () => {
      resolve(body.whole());
    });
    message.once("error", (error) => {
      reject(notWhole(errorMessage(error), error));
    });
  });
}

interface Body {
  /** False: it would be more than is taken. */
  add(chunk: Buffer): boolean;
  whole(): Buffer;
}

/** HTTP ends it at what was announced, and tells of one that ends before. */
class AnnouncedBody implements Body {
  readonly #bytes: number;
  readonly #reserve: (bytes: number) => Buffer;
  #memory: Buffer | undefined;
  #length = 0;

  constructor(bytes: number, reserve: (bytes: number) => Buffer) {
    this.#bytes = bytes;
    this.#reserve = reserve;
  }

  add(chunk: Buffer): boolean {
    this.#memory ??= this.#reserve(this.#bytes);
    if (this.#length + chunk.length > this.#bytes) return false;
    this.#length += chunk.copy(this.#memory, this.#length);
    return true;
  }

  whole(): Buffer {
    return this.#memory?.subarray(0, this.#length) ?? Buffer.alloc(0);
  }
}

class GrowingBody implements Body {
  readonly #limitBytes: number;
  readonly #chunks: Buffer[] = [];
  #length = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  add(chunk: Buffer): boolean {
    this.#length += chunk.length;
    if (this.#length > this.#limitBytes) return false;
    this.#chunks.push(chunk);
    return true;
  }

  whole(): Buffer {
    return Buffer.concat(this.#chunks, this.#length);
  }
}

function notWhole(because: string, cause: unknown): AppError {
  return new AppError("REQUEST_INVALID", `the body did not arrive whole: ${because}`, { cause });
}

function tooLarge(limitBytes: number): AppError {
  return new AppError("REQUEST_TOO_LARGE", `the body is larger than ${limitBytes} bytes`);
}

import type { IncomingMessage } from "node:http";
import { AppError, errorMessage } from "./core/app-error.js";

/**
 * The whole body of a message, at most `limitBytes` of it. Rejects with REQUEST_TOO_LARGE, without having kept more
 * than the limit, or REQUEST_INVALID when the sender went away or was cut off before the end.
 */
export async function readBody(message: IncomingMessage, limitBytes: number): Promise<Buffer> {
  // A sender that names its size is refused before anything is read.
  if (Number(message.headers["content-length"] ?? 0) > limitBytes) throw tooLarge(limitBytes);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // Leaving the loop of the plain iterator would destroy the message and take its socket, which the answer needs.
    for await (const chunk of message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limitBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw new AppError("REQUEST_INVALID", `the body did not arrive whole: ${errorMessage(error)}`, { cause: error });
  }
  if (bytes > limitBytes) throw tooLarge(limitBytes);
  return Buffer.concat(chunks, bytes);
}

function tooLarge(limitBytes: number): AppError {
  return new AppError("REQUEST_TOO_LARGE", `the body is larger than ${limitBytes} bytes`);
}

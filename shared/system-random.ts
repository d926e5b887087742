import { randomBytes } from "node:crypto";
import type { RandomPort } from "./core/clock-port.js";

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
/** 24 characters of 36 are 124 bits: no two identifiers of a pair ever meet. */
const idLength = 24;
/** The largest multiple of 36 below 256: bytes from here on would make the first letters likelier. */
const fairBytes = 252;

/** Identifiers from the machine's cryptographic random source. */
export function createSystemRandom(): RandomPort {
  return { id: createId };
}

function createId(): string {
  let id = "";
  while (id.length < idLength) {
    for (const byte of randomBytes(idLength)) {
      if (byte < fairBytes && id.length < idLength) id += alphabet.charAt(byte % alphabet.length);
    }
  }
  return id;
}

import { AppError } from "../../shared/core/app-error.js";

/** Half of what HMAC-SHA256 can use (RFC 2104 section 3 discourages less than the output's 32; 16 are out of reach). */
const shortestPairKeyBytes = 16;

/** Refuses a pair key that could be guessed, an empty file above all. */
export function checkPairKey(pairKey: Buffer): void {
  if (pairKey.length >= shortestPairKeyBytes) return;
  throw new AppError("SETTINGS_INVALID", `the pair key has ${pairKey.length} bytes, at least 16 are needed`, {
    hint: "Make both servers' files anew with `sparesync init`.",
  });
}

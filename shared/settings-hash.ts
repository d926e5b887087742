import { createHash } from "node:crypto";
import { encodePairSettings } from "./core/settings/pair-settings.js";
import type { Settings } from "./core/settings/settings.js";

/** SHA-256 (hex) of the pair-wide settings: heartbeats compare it, so that a difference is noticed at once. */
export function hashPairSettings(settings: Settings): string {
  return createHash("sha256").update(encodePairSettings(settings)).digest("hex");
}

import { linkRefusals } from "../../shared/core/link-refusals.js";

export { linkRefusals };
export type LinkRefusal = keyof typeof linkRefusals;

export function isLinkRefusal(text: unknown): text is LinkRefusal {
  return typeof text === "string" && Object.hasOwn(linkRefusals, text);
}

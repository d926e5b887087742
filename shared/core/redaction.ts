import type { Json, JsonObject } from "./json.js";

/** What stands in the place of a secret. */
export const redacted = "[redacted]";

const secretWords = new Set([
  "password",
  "passphrase",
  "secret",
  "token",
  "key",
  "pem",
  "authorization",
  "cookie",
  "credential",
  "credentials",
]);
const secretPlurals = new Set(["passwords", "secrets", "tokens", "keys"]);

/**
 * Whether a field of this name holds a secret. Its last word decides: `pairKey` and `tsig_secret` do, `keyName` and
 * `secretFile` (a name, a path) do not.
 */
export function isSecretName(name: string): boolean {
  const word = lastWord(name);
  return secretWords.has(word) || secretPlurals.has(word);
}

/** A copy for logs: values under secret names are replaced, texts are searched for keys and credentials. */
export function redact(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, redactField(name, value)]));
}

/** Removes private keys, bearer tokens and passwords in addresses from a text. */
export function redactText(text: string): string {
  return text
    .replace(/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g, redacted)
    .replace(/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${redacted}`)
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s/@]+@/gi, `$1:${redacted}@`);
}

function redactField(name: string, value: Json): Json {
  // A count under a plural name ("keys: 12" journalled keys) says nothing about any of them.
  if (typeof value === "number" && secretPlurals.has(lastWord(name))) return value;
  return isSecretName(name) && value !== null ? redacted : redactValue(value);
}

function redactValue(value: Json): Json {
  if (typeof value === "string") return redactText(value);
  if (typeof value !== "object" || value === null) return value;
  return isList(value) ? value.map(redactValue) : redact(value);
}

function isList(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value);
}

function lastWord(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
  return words.at(-1) ?? "";
}

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { AppError } from "./core/app-error.js";

/** What a token may do: look; look and act; post alerts to the webhook and nothing else. */
export const accessRoles = ["viewer", "operator", "alertmanager"] as const;
export type AccessRole = (typeof accessRoles)[number];

const accessTokenEntry = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  role: z.enum(accessRoles),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type AccessTokenEntry = z.output<typeof accessTokenEntry>;

const tokensFile = z.strictObject({ version: z.literal(1), tokens: z.array(accessTokenEntry).max(1000) });

/** Marks a token as such, so that secret scanners find one that was committed by mistake. */
const prefix = "sparesync_";

/** A new token, shown once to the person who asked for it, and the entry of the tokens file by which it is known. */
export function createAccessToken(role: AccessRole, name: string): { token: string; entry: AccessTokenEntry } {
  const token = prefix + randomBytes(32).toString("base64url");
  return { token, entry: accessTokenEntry.parse({ name, role, sha256: hash(token) }) };
}

/** The content of a tokens file. */
export function encodeTokensFile(tokens: readonly AccessTokenEntry[]): string {
  return `${JSON.stringify({ version: 1, tokens }, null, 2)}\n`;
}

/** Who a token belongs to; undefined when it is not known. Throws SETTINGS_INVALID when the file is not of the form. */
export function verifyAccessToken(
  tokensFileContent: string,
  token: string,
): { readonly role: AccessRole; readonly name: string } | undefined {
  const given = Buffer.from(hash(token), "hex");
  let found: AccessTokenEntry | undefined;
  // Every entry is compared, in constant time, so that the time of an answer does not say how near a guess was.
  for (const entry of decodeTokensFile(tokensFileContent)) {
    if (timingSafeEqual(Buffer.from(entry.sha256, "hex"), given)) found ??= entry;
  }
  return found && { role: found.role, name: found.name };
}

/** The entries of a tokens file. Throws SETTINGS_INVALID. */
export function decodeTokensFile(content: string): readonly AccessTokenEntry[] {
  const parsed = tokensFile.safeParse(parseJson(content));
  if (parsed.success) return parsed.data.tokens;
  const places = parsed.error.issues.map((issue) => (issue.path.length === 0 ? "the file" : issue.path.join(".")));
  throw new AppError(
    "SETTINGS_INVALID",
    `the tokens file is not of the expected form: ${[...new Set(places)].join(", ")}`,
    {
      hint: "restore it, or make new tokens with sparesync init in an empty folder",
    },
  );
}

/**
 * One SHA-256 without salt is enough here, unlike for passwords: a token is 256 random bits, so there is nothing to
 * guess and no table to look it up in. A slow hash would only make each request a way to keep the actor busy.
 */
function hash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

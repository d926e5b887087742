import { describe, expect, test } from "@jest/globals";
import {
  accessRoles,
  createAccessToken,
  decodeTokensFile,
  encodeTokensFile,
  verifyAccessToken,
} from "../../shared/access-token.js";

describe("access tokens", () => {
  const made = accessRoles.map((role) => createAccessToken(role, `first-${role}`));
  const file = encodeTokensFile(made.map(({ entry }) => entry));

  test("a token is 256 random bits, and the file holds only its hash", () => {
    for (const { token } of made) {
      expect(token).toMatch(/^sparesync_[A-Za-z0-9_-]{43}$/);
      expect(file).not.toContain(token.slice(12));
    }
    expect(new Set(made.map(({ token }) => token)).size).toBe(3);
  });

  test.each([0, 1, 2])("token %i is known with its role and name", (index) => {
    const role = accessRoles[index]!;
    expect(verifyAccessToken(file, made[index]!.token)).toEqual({ role, name: `first-${role}` });
  });

  test.each([
    ["empty", ""],
    ["unknown", createAccessToken("operator", "x").token],
    ["cut", made[0]!.token.slice(0, -1)],
    ["longer", `${made[0]!.token}a`],
    ["the hash itself", made[0]!.entry.sha256],
    ["in another case", made[0]!.token.toUpperCase()],
  ])("a token that is %s is not known", (_, token) => {
    expect(verifyAccessToken(file, token)).toBeUndefined();
  });

  test("a file without tokens knows nobody", () => {
    expect(verifyAccessToken(encodeTokensFile([]), made[0]!.token)).toBeUndefined();
  });

  test.each([
    ["no JSON", "nothing", "the file"],
    ["another version", '{"version":2,"tokens":[]}', "version"],
    [
      "an unknown role",
      '{"version":1,"tokens":[{"name":"a","role":"root","sha256":"' + "0".repeat(64) + '"}]}',
      "tokens.0.role",
    ],
    [
      "a token in the place of its hash",
      `{"version":1,"tokens":[{"name":"a","role":"viewer","sha256":"${made[0]!.token}"}]}`,
      "tokens.0.sha256",
    ],
  ])("a file with %s is refused without quoting it", (_, content, place) => {
    expect(() => decodeTokensFile(content)).toThrow(new RegExp(`${place.replaceAll(".", "\\.")}$`));
    expect(() => verifyAccessToken(content, "x")).toThrow(expect.objectContaining({ code: "SETTINGS_INVALID" }));
  });

  test("names are those of the file's form", () => {
    expect(() => createAccessToken("viewer", "Not A Name")).toThrow();
  });
});

import { describe, expect, test } from "@jest/globals";
import { isSecretName, redact, redactText } from "../../../shared/core/redaction.js";

describe("names", () => {
  test.each([
    ["password", true],
    ["pairKey", true],
    ["tsig_secret", true],
    ["Authorization", true],
    ["privateKey", true],
    ["tokens", true],
    ["keyName", false],
    ["secretFile", false],
    ["tokenName", false],
    ["monkey", false],
    ["keyboard", false],
    ["", false],
  ])("%s is a secret: %s", (name, expected) => {
    expect(isSecretName(name)).toBe(expected);
  });
});

describe("log fields", () => {
  test("secrets are replaced at every depth, all else stays", () => {
    const fields = { user: "anna", password: "p", list: [{ token: "t", port: 1 }], deep: { apiKey: { a: 1 } } };
    expect(redact(fields)).toEqual({
      user: "anna",
      password: "[redacted]",
      list: [{ token: "[redacted]", port: 1 }],
      deep: { apiKey: "[redacted]" },
    });
  });

  test("a count of keys and an absent secret are no secrets", () => {
    expect(redact({ keys: 12, token: null, password: 1234 })).toEqual({
      keys: 12,
      token: null,
      password: "[redacted]",
    });
  });

  test.each([
    ["GET with Bearer abcdefgh12345678", "GET with Bearer [redacted]"],
    ["postgres://app:hunter2@db:5432/x", "postgres://app:[redacted]@db:5432/x"],
    ["a -----BEGIN EC PRIVATE KEY-----\nMIG\n-----END EC PRIVATE KEY----- b", "a [redacted] b"],
    ["cut -----BEGIN PRIVATE KEY-----\nMIG", "cut [redacted]"],
    ["http://127.0.0.1:80/path@x stays", "http://127.0.0.1:80/path@x stays"],
  ])("in the text %j", (text, expected) => {
    expect(redactText(text)).toBe(expected);
    expect(redact({ message: text, list: [text] })).toEqual({ message: expected, list: [expected] });
  });
});

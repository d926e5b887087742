import { expect, test } from "@jest/globals";
import { decideAdmission } from "../../../actor/core/link-admission.js";
import { describeContent } from "../../../actor/core/link-authentication.js";
import { linkProtocol } from "../../../shared/core/status.js";

const own = { pair: "shop", server: "secondary", instance: "i2" } as const;
const limits = { fieldsBytes: 100, bodyBytes: 1000 };
const base = {
  protocol: linkProtocol,
  pair: "shop",
  sender: "primary",
  instance: "i1",
  kind: "echo",
  session: "s1",
  counter: 1,
  ...describeContent(Buffer.alloc(32, 1), "n1", Buffer.from("{}"), undefined),
};

test.each([
  { when: "all is as it should be", change: {}, gives: "admitted" },
  { when: "it greets", change: { kind: "hello", session: "", counter: 0 }, gives: "admitted" },
  { when: "an unknown key of a newer version is there", change: { more: 1 }, gives: "admitted" },
  { when: "the content is as large as the limits", change: { fieldsBytes: 100, bodyBytes: 1000 }, gives: "admitted" },
  { when: "the fields are larger", change: { fieldsBytes: 101 }, gives: "oversized" },
  { when: "the body is larger", change: { bodyBytes: 1001 }, gives: "oversized" },
  { when: "a size is negative", change: { bodyBytes: -1 }, gives: "malformed" },
  { when: "the protocol is newer", change: { protocol: linkProtocol + 1 }, gives: "unknown-protocol" },
  {
    when: "the protocol is newer and so is the form",
    change: { protocol: linkProtocol + 1, sender: 5 },
    gives: "unknown-protocol",
  },
  { when: "the protocol is no number", change: { protocol: "1" }, gives: "malformed" },
  { when: "the pair is another", change: { pair: "mail" }, gives: "other-pair" },
  { when: "the sender says to be this server", change: { sender: "secondary" }, gives: "same-roles" },
  { when: "it comes from this process", change: { sender: "secondary", instance: "i2" }, gives: "own-message" },
  { when: "the sender is no server", change: { sender: "witness" }, gives: "malformed" },
  { when: "the kind is too long", change: { kind: "k".repeat(129) }, gives: "malformed" },
])("when $when: $gives", ({ change, gives }) => {
  const admission = decideAdmission(own, { ...base, ...change }, limits);
  expect(admission.kind === "refused" ? admission.reason : admission.kind).toBe(gives);
});

test.each([undefined, null, "text", 1, []])("an envelope that is %j is malformed", (opened) => {
  expect(decideAdmission(own, opened, limits)).toMatchObject({ kind: "refused", reason: "malformed" });
});

import { expect, test } from "@jest/globals";
import { judgeAddresses } from "../../../actor/core/dns-addresses.js";

const addresses = { primary: ["192.0.2.1", "2001:db8::1"], secondary: ["192.0.2.2"] };
const answer = (...one: string[]): { server: string; addresses: string[] } => ({ server: "ns", addresses: one });
const silent = { server: "ns2", addresses: [], error: "no answer" };

test.each([
  { when: "all answer the primary's", answers: [answer("2001:db8::1", "192.0.2.1")], pointsTo: "primary" },
  { when: "all answer the secondary's", answers: [answer("192.0.2.2"), answer("192.0.2.2")], pointsTo: "secondary" },
  { when: "one does not answer", answers: [answer("192.0.2.2"), silent], pointsTo: "secondary" },
  { when: "none answers", answers: [silent], pointsTo: "unknown" },
  { when: "there is no server", answers: [], pointsTo: "unknown" },
  { when: "they do not agree", answers: [answer("192.0.2.2"), answer(...addresses.primary)], pointsTo: "mixed" },
  { when: "one points elsewhere", answers: [answer("192.0.2.2"), answer("203.0.113.1")], pointsTo: "mixed" },
  { when: "an address is missing", answers: [answer("192.0.2.1")], pointsTo: "mixed" },
  { when: "an address is too much", answers: [answer("192.0.2.2", "203.0.113.1")], pointsTo: "mixed" },
  { when: "both servers' are answered", answers: [answer("192.0.2.2", ...addresses.primary)], pointsTo: "mixed" },
  { when: "only foreign ones are answered", answers: [answer("203.0.113.1")], pointsTo: "neither" },
  { when: "there are no addresses", answers: [answer()], pointsTo: "neither" },
])("the name points to $pointsTo when $when", ({ answers, pointsTo }) => {
  expect(judgeAddresses(answers, addresses).pointsTo).toBe(pointsTo);
});

test("servers with the same addresses cannot be told apart", () => {
  const same = { primary: ["192.0.2.1"], secondary: ["192.0.2.1"] };
  expect(judgeAddresses([answer("192.0.2.1")], same).pointsTo).toBe("mixed");
});

test("the sentence names every server and what it answers", () => {
  expect(judgeAddresses([answer("203.0.113.1", "203.0.113.2")], addresses).because).toBe(
    "the name points to neither server (ns: 203.0.113.1 203.0.113.2)",
  );
  expect(judgeAddresses([silent], addresses).because).toBe("no authoritative server answers (ns2: no answer)");
});

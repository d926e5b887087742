import { expect, test } from "@jest/globals";
import type { AuthoritativeAnswer } from "../../../actor/dns/name-server-port.js";
import { verifyAddresses } from "../../../actor/operations/steps/verify-addresses.js";
import { benchContext } from "../../support/context-bench.js";
import { anOperationDocument } from "../../support/kept-documents.js";

async function verify(answers: readonly AuthoritativeAnswer[]) {
  const { context, ports } = await benchContext("secondary");
  Object.assign(ports.nameServer, {
    readAddresses: () => Promise.resolve([...answers]),
    readSerial: () => Promise.resolve(7),
    moreNamesOf: () => [{ name: "www", kind: "addresses", values: ["a"], ttlSeconds: 1 }],
  });
  const operation = anOperationDocument("failover");
  const step = { context, operation, signal: context.signal, reportProgress: () => undefined };
  await verifyAddresses.do(step);
  return { verdict: await verifyAddresses.verify(step), context };
}

const good = { server: "ns1", addresses: ["secondary"], names: [{ name: "www", values: ["a"] }], serial: 8 };

test("holds when every server that answers has all names, and says how long old answers may live", async () => {
  const { verdict, context } = await verify([good, { server: "ns2", addresses: [], error: "no answer" }]);
  const untilMs = context.ports.clock.wallMs() + 60_000;
  expect(verdict).toEqual({
    holds: true,
    note: `resolvers may give the old addresses until ${new Date(untilMs).toISOString()} (time to live 60 s); not asked, for they are silent: ns2`,
  });
  expect(context.situation.oldAnswersUntilWallMs).toBe(untilMs);
});

test.each([
  { answer: { addresses: ["primary"] }, because: "old addresses at ns2 for the name" },
  { answer: { names: [{ name: "www", values: ["b"] }] }, because: "old addresses at ns2 for www" },
  { answer: { serial: 6 }, because: "old zone at ns2 (serial 6, the update server has 7)" },
  {
    answer: { addresses: ["primary"], serial: 6 },
    because: "old addresses at ns2 for the name (serial 6, the update server has 7)",
  },
])("does not hold while another server has the old zone: $because", async ({ answer, because }) => {
  const { verdict, context } = await verify([good, { ...good, server: "ns2", ...answer }]);
  expect(verdict).toEqual({ holds: false, because });
  expect(context.situation.oldAnswersUntilWallMs).toBe(0);
});

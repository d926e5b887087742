import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createSelfSignedCertificate } from "../../../shared/self-signed-certificate.js";
import { type AdminBench, askAdmin, startAdmin } from "../../support/admin-bench.js";
import { makeCertificate, type TestCertificate } from "../../support/certificates.js";

const path = "/webhooks/alertmanager";
const body = { version: "4", alerts: [] };

let bench: AdminBench;
let serverCertificate: string;
let ofAuthority: TestCertificate;
let pinned: TestCertificate;
let foreign: TestCertificate;

beforeAll(async () => {
  const own = await createSelfSignedCertificate("admin", ["127.0.0.1"]);
  serverCertificate = own.certificate;
  const authority = await makeCertificate("authority", { isAuthority: true });
  ofAuthority = await makeCertificate("alertmanager-1", { signedBy: authority });
  pinned = await createSelfSignedCertificate("alertmanager-2", []);
  foreign = await createSelfSignedCertificate("somebody", []);
  bench = await startAdmin({ ...own, webhookClients: `${authority.certificate}\n${pinned.certificate}` });
});

afterAll(async () => {
  await bench.server.stop();
});

const ask = (question: Omit<Parameters<typeof askAdmin>[1], "ca">) =>
  askAdmin(bench.port, { ...question, ca: serverCertificate });

describe("who shows a certificate", () => {
  test("that stands in the file, or is signed by one in it, may post alerts", async () => {
    for (const client of [pinned, ofAuthority]) {
      expect((await ask({ path, body, client })).status).toBe(202);
    }
  });

  test("may do nothing else with it", async () => {
    for (const [other, more] of [
      ["/v1/status", {}],
      ["/v1/operations", { body: { kind: "failover", reason: "no" } }],
    ] as const) {
      const answer = await ask({ path: other, client: pinned, ...more });
      expect(answer).toMatchObject({ status: 403, body: { error: { code: "NOT_ALLOWED" } } });
    }
    expect(bench.actor.asked).toEqual([]);
  });

  test("that is another one, or none, is not known, and that is counted", async () => {
    const before = bench.actor.counted.length;
    expect((await ask({ path, body, client: foreign })).status).toBe(401);
    expect((await ask({ path, body })).status).toBe(401);
    const refused = ["webhook_alerts.unauthenticated", "auth_failures"];
    expect(bench.actor.counted.slice(before)).toEqual([...refused, ...refused]);
  });

  test("is refused for a wrong token beside it: nobody would hear of the token otherwise", async () => {
    expect((await ask({ path, body, client: pinned, token: "wrong" })).status).toBe(401);
  });
});

test("a token alone is as good as before, for alerts and for operators", async () => {
  expect((await ask({ path, body, token: "a" })).status).toBe(202);
  expect((await ask({ path: "/v1/status", token: "v" })).status).toBe(200);
  expect((await ask({ path: "/v1/status", token: "v", client: pinned })).status).toBe(200);
});

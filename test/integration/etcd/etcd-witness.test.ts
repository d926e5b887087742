import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createEtcdWitness } from "../../../actor/witness/etcd-witness.js";
import type { WitnessPort } from "../../../actor/witness/witness-port.js";
import type { Json } from "../../../shared/core/json.js";
import { createSystemClock } from "../../../shared/system-clock.js";
import { startEtcd, type EtcdServer } from "../../support/etcd-server.js";
import { freePort } from "../../support/free-port.js";
import { until } from "../../support/until.js";

const own = { epoch: 5, active: "primary", operationId: "op5" } as const;
const ownText = "epoch=5 active=primary op=op5";
const claimedText = "epoch=6 active=secondary op=op6";
const { signal } = new AbortController();
let etcd: EtcdServer;
let pairs = 0;
let primary: WitnessPort;
let secondary: WitnessPort;

function witness(pair: string, more: { ttlSeconds?: number; limitSeconds?: number; before?: string[] } = {}) {
  const { ttlSeconds = 600, limitSeconds = 30, before = [] } = more;
  const settings = { endpoints: [...before, etcd.endpoint], user: "", limitSeconds, ttlSeconds };
  return createEtcdWitness({ settings, secrets: {}, pair, clock: createSystemClock() });
}

beforeAll(async () => {
  etcd = await startEtcd();
}, 120_000);

afterAll(async () => {
  await etcd.stop();
});

beforeEach(() => {
  pairs += 1;
  primary = witness(`pair-${pairs}`);
  secondary = witness(`pair-${pairs}`);
});

describe("the key of a pair in etcd", () => {
  test("does not exist at first, is held with a lease, and is read by the other one", async () => {
    expect(await primary.read(signal)).toBeUndefined();
    const leaseId = await primary.grantLease(signal);
    expect(await primary.write({ text: ownText, leaseId }, undefined, signal)).toBe(true);
    expect(await secondary.read(signal)).toMatchObject({ record: own, leaseId });
  });

  test("is taken by one of two that both saw it free", async () => {
    const taken = await Promise.all([
      primary.write({ text: ownText, leaseId: "" }, undefined, signal),
      secondary.write({ text: claimedText, leaseId: "" }, undefined, signal),
    ]);
    expect([...taken].sort()).toEqual([false, true]);
  });

  test("is written and removed only as it was read", async () => {
    await primary.write({ text: ownText, leaseId: "" }, undefined, signal);
    const read = await secondary.read(signal);
    expect(await secondary.write({ text: claimedText, leaseId: "" }, read, signal)).toBe(true);
    expect(await primary.write({ text: ownText, leaseId: "" }, read, signal)).toBe(false);
    expect(await primary.remove(read!, signal)).toBe(false);
    const changed = await primary.read(signal);
    expect(changed).toMatchObject({ record: { epoch: 6 }, leaseId: "" });
    expect(await secondary.remove(changed!, signal)).toBe(true);
    expect(await primary.read(signal)).toBeUndefined();
  });

  test("a write that is repeated after a lost answer has succeeded", async () => {
    const leaseId = await primary.grantLease(signal);
    expect(await primary.write({ text: ownText, leaseId }, undefined, signal)).toBe(true);
    expect(await primary.write({ text: ownText, leaseId }, undefined, signal)).toBe(true);
  });

  test("holds no record where the text is somebody else's", async () => {
    await primary.write({ text: "hello", leaseId: "" }, undefined, signal);
    expect(await secondary.read(signal)).toMatchObject({ record: undefined });
  });

  test("ends with its lease, which is kept alive, revoked, or over", async () => {
    const leaseId = await primary.grantLease(signal);
    await primary.write({ text: ownText, leaseId }, undefined, signal);
    expect(await primary.keepLeaseAlive(leaseId, signal)).toBe(true);
    await primary.revokeLease(leaseId, signal);
    expect(await primary.keepLeaseAlive(leaseId, signal)).toBe(false);
    expect(await secondary.read(signal)).toBeUndefined();
    await expect(primary.revokeLease(leaseId, signal)).rejects.toMatchObject({ code: "WITNESS_UNREACHABLE" });

    const brief = witness(`pair-${pairs}`, { ttlSeconds: 2 });
    const short = await brief.grantLease(signal);
    await brief.write({ text: ownText, leaseId: short }, undefined, signal);
    await until(async () => (await secondary.read(signal)) === undefined, 30_000);
    expect(await brief.keepLeaseAlive(short, signal)).toBe(false);
  }, 120_000);
});

test("an endpoint where nobody listens costs nothing as long as another one answers", async () => {
  const port = await freePort();
  const both = witness("both", { before: [`http://127.0.0.1:${port}`] });
  expect(await both.read(signal)).toBeUndefined();
});

test("an etcd that stands still is out of reach within the limit, and answers again", async () => {
  const brief = witness("frozen", { limitSeconds: 1 });
  etcd.freeze();
  try {
    // A question that is on its way when the signal is sent may still be answered.
    await until(() => brief.read(signal).then(() => false, isOutOfReach), 30_000);
  } finally {
    etcd.thaw();
  }
  expect(await primary.read(signal)).toBeUndefined();
}, 120_000);

test("an etcd over TLS is believed only with the certificate of the settings", async () => {
  const overTls = (ca: string | undefined) =>
    createEtcdWitness({
      settings: { endpoints: [etcd.secureEndpoint], user: "", limitSeconds: 30, ttlSeconds: 600 },
      secrets: { ca },
      pair: "tls",
      clock: createSystemClock(),
    });
  const trusting = overTls(etcd.certificate);
  expect(await trusting.write({ text: ownText, leaseId: "" }, undefined, signal)).toBe(true);
  expect(await trusting.read(signal)).toMatchObject({ record: own });
  await expect(overTls(undefined).read(signal)).rejects.toMatchObject({
    code: "WITNESS_UNREACHABLE",
    message: expect.stringContaining("certificate"),
  });
}, 120_000);

describe("an etcd that asks for a user and a password", () => {
  /** As `etcdctl user add`, `role grant-permission` and `auth enable` do it. */
  async function manage(path: string, body: Json, token?: string): Promise<{ token?: string }> {
    const headers = token === undefined ? {} : { authorization: token };
    const answer = await fetch(`${etcd.endpoint}/v3/auth/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      headers,
    });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return (await answer.json()) as { token?: string };
  }
  const ofPair = (name: string): string => Buffer.from(name).toString("base64");
  const withPassword = (password: string, pair = "guarded") =>
    createEtcdWitness({
      settings: { endpoints: [etcd.secureEndpoint], user: "sparesync", limitSeconds: 30, ttlSeconds: 600 },
      secrets: { ca: etcd.certificate, password },
      pair,
      clock: createSystemClock(),
    });

  beforeAll(async () => {
    await manage("user/add", { name: "root", password: "of-root" });
    await manage("role/add", { name: "root" });
    await manage("user/grant", { user: "root", role: "root" });
    await manage("user/add", { name: "sparesync", password: "of-the-pair" });
    await manage("role/add", { name: "pair" });
    const key = ofPair("/sparesync/guarded/active");
    await manage("role/grant", { name: "pair", perm: { permType: "READWRITE", key } });
    await manage("user/grant", { user: "sparesync", role: "pair" });
    await manage("enable", {});
  }, 120_000);

  afterAll(async () => {
    const { token } = await manage("authenticate", { name: "root", password: "of-root" });
    await manage("disable", {}, token);
  });

  test("lets in who knows it, with a lease, for the key of the pair alone", async () => {
    const known = withPassword("of-the-pair");
    const leaseId = await known.grantLease(signal);
    expect(await known.write({ text: ownText, leaseId }, undefined, signal)).toBe(true);
    expect(await known.keepLeaseAlive(leaseId, signal)).toBe(true);
    const held = await known.read(signal);
    expect(held).toMatchObject({ record: own, leaseId });
    expect(await known.remove(held!, signal)).toBe(true);
    await known.revokeLease(leaseId, signal);
    await expect(withPassword("of-the-pair", "another").read(signal)).rejects.toMatchObject({
      code: "WITNESS_UNREACHABLE",
      message: expect.stringContaining("permission denied"),
    });
  }, 120_000);

  test("keeps out who does not, and the password is in no message", async () => {
    const refusal = await withPassword("wrong-guess")
      .read(signal)
      .catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "WITNESS_UNREACHABLE" });
    expect(String(refusal)).not.toContain("wrong-guess");
    await expect(secondary.read(signal)).rejects.toMatchObject({ code: "WITNESS_UNREACHABLE" });
  }, 120_000);
});

function isOutOfReach(error: unknown): boolean {
  return (error as { code?: string }).code === "WITNESS_UNREACHABLE";
}

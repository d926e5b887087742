import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { setTimeout as wait } from "node:timers/promises";
import { checkName } from "../../../actor/dns/name-check.js";
import { type BindServer, startBind } from "../../support/bind-server.js";
import { portTo, record, secondaryAddresses } from "../../support/name-server-fixtures.js";

describe("a name server that freezes", () => {
  let bind: BindServer;
  beforeAll(async () => {
    bind = await startBind();
  });
  afterAll(async () => {
    await bind.stop();
  });

  test("applies an unclear claim when it wakes, long after the claimant gave up", async () => {
    const port = portTo(bind, { settings: { limitSeconds: 0.4 } });
    await port.claim(undefined, record(1, "primary"));
    bind.freeze();
    try {
      const outcome = await port.claim(record(1, "primary"), record(2, "secondary"));
      expect(outcome).toMatchObject({ kind: "unclear", because: "no answer within the limit" });
      await expect(port.readRecord()).rejects.toMatchObject({ code: "DNS_UNREACHABLE" });
    } finally {
      bind.thaw();
    }
    // It is the server that decides when; what matters is that "unclear" did not mean "no".
    const patient = portTo(bind);
    for (let tries = 0; tries < 40; tries += 1) {
      if ((await patient.readRecord())?.epoch === 2) break;
      await wait(50);
    }
    expect(await patient.readRecord()).toEqual(record(2, "secondary"));
  });

  test("an aborted claim is unclear once it was sent, and an aborted question is an error", async () => {
    const port = portTo(bind, { settings: { name: `aborted.${bind.zone}` } });
    bind.freeze();
    try {
      const asked = port.claim(undefined, record(1, "primary"), AbortSignal.timeout(200));
      expect(await asked).toMatchObject({ kind: "unclear", because: "aborted" });
      await expect(port.readRecord(AbortSignal.timeout(100))).rejects.toMatchObject({ code: "ABORTED" });
      await expect(port.claim(undefined, record(1, "primary"), AbortSignal.abort())).rejects.toMatchObject({
        code: "ABORTED",
      });
      const open = port.readRecord();
      port.close();
      await expect(open).rejects.toMatchObject({ code: "ABORTED" });
    } finally {
      bind.thaw();
    }
  });
});

test("with no name server there nothing was sent, so the claim is certainly not applied", async () => {
  const bind = await startBind();
  await bind.stop();
  const port = portTo(bind);
  await expect(port.claim(undefined, record(1, "primary"))).rejects.toMatchObject({ code: "DNS_UNREACHABLE" });
  await expect(port.publish(record(1, "primary"))).rejects.toMatchObject({ code: "DNS_UNREACHABLE" });
  await expect(port.readRecord()).rejects.toMatchObject({ code: "DNS_UNREACHABLE" });
  expect((await checkName(port)).pointsTo).toBe("unknown");
});

test("a key that may change only the record is refused for the addresses, with a hint", async () => {
  const bind = await startBind({ updateOnly: ["_sparesync.app.example.test"] });
  try {
    const port = portTo(bind);
    expect(await port.claim(undefined, record(1, "primary"))).toEqual({ kind: "done" });
    await expect(port.publish(record(1, "primary"))).rejects.toMatchObject({
      code: "DNS_REFUSED",
      hint: expect.stringContaining("update-policy") as unknown,
    });
    expect(await checkName(port)).toMatchObject({ pointsTo: "primary" });
  } finally {
    await bind.stop();
  }
});

test("a zone that the server does not have is refused, not unclear", async () => {
  const bind = await startBind();
  try {
    const port = portTo(bind, { settings: { zone: "other.test", name: "app.other.test" } });
    await expect(port.claim(undefined, record(1, "primary"))).rejects.toMatchObject({ code: "DNS_REFUSED" });
    await expect(port.readRecord()).rejects.toMatchObject({ code: "DNS_REFUSED" });
  } finally {
    await bind.stop();
  }
});

test("a record that somebody else has written or doubled is never taken for a missing one", async () => {
  const bind = await startBind({
    records: [
      '_sparesync.foreign IN TXT "v=spf1 -all"',
      '_sparesync.two IN TXT "epoch=1 active=primary op=a"',
      '_sparesync.two IN TXT "epoch=2 active=secondary op=b"',
      '_sparesync.split IN TXT "epoch=1 active=primary" " op=a"',
    ],
  });
  try {
    for (const name of ["foreign", "two", "split"]) {
      const port = portTo(bind, { settings: { name: `${name}.${bind.zone}` } });
      await expect(port.readRecord()).rejects.toMatchObject({ code: "DNS_INVALID" });
      expect((await port.readAddresses())[0]?.error).toContain(`_sparesync.${name}`);
      // One of two records is not the whole record set (RFC 2136 section 2.4.2).
      const outcome = await port.claim(record(1, "primary", "a"), record(2, "secondary"));
      expect(outcome.kind).toBe("unclear");
    }
  } finally {
    await bind.stop();
  }
});

test.each(["hmac-sha384", "hmac-sha512"] as const)("a key of %s works", async (algorithm) => {
  const bind = await startBind({ algorithm });
  try {
    const port = portTo(bind, { settings: { tsig: { keyName: bind.keyName.toUpperCase(), algorithm } } });
    expect(await port.claim(undefined, record(1, "primary"))).toEqual({ kind: "done" });
    expect(await port.readRecord()).toEqual(record(1, "primary"));
    // The same secret under another algorithm is another key.
    await expect(portTo(bind).readRecord()).rejects.toMatchObject({ code: "DNS_REFUSED" });
  } finally {
    await bind.stop();
  }
});

test("every authoritative server is asked: one that has not followed, or does not answer, shows", async () => {
  const main = await startBind();
  const second = await startBind({ secondaryOf: main });
  try {
    const servers = [main, second].map(({ port }) => ({ host: "127.0.0.1", port }));
    const port = portTo(main, { settings: { authoritativeServers: servers, limitSeconds: 1 } });
    expect(await checkName(port)).toMatchObject({ pointsTo: "primary" });
    await port.claim(undefined, record(1, "secondary"));
    await port.publish(record(1, "secondary"));
    const answers = await port.readAddresses();
    expect(answers[0]).toMatchObject({ addresses: secondaryAddresses, record: record(1, "secondary") });
    // Without a notification it goes on with what it has, and says so with authority: such an answer confirms nothing.
    expect(answers[1]?.addresses).toEqual(["192.0.2.10", "2001:db8::10"]);
    expect(answers[1]?.error).toBeUndefined();
    expect(await checkName(port)).toMatchObject({ pointsTo: "mixed" });
    await second.stop();
    expect((await port.readAddresses())[1]?.error).toBeDefined();
    expect(await checkName(port)).toMatchObject({ pointsTo: "secondary" });
  } finally {
    await second.stop();
    await main.stop();
  }
});

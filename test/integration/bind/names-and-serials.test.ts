import { expect, test } from "@jest/globals";
import { setTimeout as wait } from "node:timers/promises";
import { namesNotPublished } from "../../../actor/core/dns-records.js";
import { type BindServer, startBind } from "../../support/bind-server.js";
import { freePort } from "../../support/free-port.js";
import { portTo, record } from "../../support/name-server-fixtures.js";

const moreNames = [
  { name: "www.example.test" },
  { name: "api.example.test", ttlSeconds: 5, addresses: { primary: ["192.0.2.7"], secondary: ["2001:db8::8"] } },
  { name: "files.example.test", alias: { primary: "one.example.net", secondary: "two.example.net" } },
];

function portOfBoth(main: BindServer, second: BindServer, more: object = {}) {
  const authoritativeServers = [main, second].map(({ port }) => ({ host: "127.0.0.1", port }));
  return portTo(main, { settings: { authoritativeServers, moreNames, ...more } });
}

test("names, aliases and serials: all move in one update, and both name servers are seen to follow", async () => {
  const notified = await freePort();
  const main = await startBind({ notifies: notified });
  const second = await startBind({ secondaryOf: main, port: notified });
  try {
    const port = portOfBoth(main, second);
    await port.claim(undefined, record(1, "primary"));
    expect(await port.publish(record(1, "primary"))).toEqual({ kind: "done" });
    await port.claim(record(1, "primary"), record(2, "secondary"));
    expect(await port.publish(record(2, "secondary"))).toEqual({ kind: "done" });
    const serial = await port.readSerial();
    expect(serial).toBeGreaterThan(1);
    const [own, more] = [port.addressesOf("secondary"), port.moreNamesOf("secondary")];
    let late: readonly string[] = ["not asked yet"];
    for (let tries = 0; tries < 200 && late.length > 0; tries += 1) {
      const answers = await port.readAddresses();
      late = answers.flatMap((answer) => namesNotPublished(answer, own, more));
      if (late.length > 0) await wait(50);
      else {
        expect(answers.map((answer) => answer.serial)).toEqual([serial, serial]);
        expect(answers[1]?.names).toEqual([
          { name: "www.example.test", values: ["198.51.100.20"] },
          { name: "api.example.test", values: ["2001:db8::8"] },
          { name: "files.example.test", values: ["two.example.net"] },
        ]);
      }
    }
    expect(late).toEqual([]);
  } finally {
    await second.stop();
    await main.stop();
  }
});

test("a secondary that does not follow shows its old serial, and one name in the way keeps all from moving", async () => {
  const main = await startBind({ records: ["files IN A 192.0.2.66"] });
  const second = await startBind({ secondaryOf: main });
  try {
    const port = portOfBoth(main, second);
    await port.claim(undefined, record(1, "secondary"));
    await expect(port.publish(record(1, "secondary"))).rejects.toMatchObject({ code: "DNS_REFUSED" });
    expect((await port.readAddresses())[0]?.addresses).toEqual(port.addressesOf("primary"));
    const plain = portOfBoth(main, second, { moreNames: [] });
    await plain.publish(record(1, "secondary"));
    const [first, behind] = await plain.readAddresses();
    expect(first?.serial).toBe(await plain.readSerial());
    expect(behind?.serial).toBe(1);
  } finally {
    await second.stop();
    await main.stop();
  }
});

test("the test name is added, read back and deleted, also where an interrupted test has left it", async () => {
  const main = await startBind({ records: ['_sparesync-test.app IN TXT "test left behind"'] });
  try {
    const lines = await portTo(main).testUpdate();
    expect(lines.map(({ passed, because }) => [passed, because])).toEqual(Array(4).fill([true, ""]));
    expect(lines[0]?.what).toBe("add _sparesync-test.app.example.test");
    const refused = await portTo(main, { tsigSecret: Buffer.alloc(64, 7) }).testUpdate();
    expect(refused).toMatchObject([{ passed: false, because: expect.stringContaining("BADSIG") as unknown }]);
  } finally {
    await main.stop();
  }
});

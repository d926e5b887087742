import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { findProgram } from "../../support/bind-server.js";
import { type EmbeddedNameServer, startEmbeddedNameServer } from "../../support/embedded-name-server.js";
import { portTo, record } from "../../support/name-server-fixtures.js";

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function run(program: string, programArguments: readonly string[], input = ""): Promise<Ended> {
  const child = spawn(findProgram(program), programArguments, { stdio: ["pipe", "pipe", "pipe"], timeout: 10000 });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  child.stdin.end(input);
  return new Promise((resolve) => {
    child.on("close", (code) => {
      resolve({ code, output });
    });
  });
}

/** Independent peers: if both ends of the codec shared a mistake, these would not. */
describe("the embedded name server and BIND's own clients", () => {
  let server: EmbeddedNameServer;
  beforeAll(async () => {
    server = await startEmbeddedNameServer();
  });
  afterAll(async () => {
    await server.stop();
  });

  function nsupdate(
    lines: readonly string[],
    options: readonly string[] = [],
    secret = server.tsigSecret,
  ): Promise<Ended> {
    const text = [
      `server 127.0.0.1 ${String(server.port)}`,
      `key hmac-sha256:${server.keyName} ${secret.toString("base64")}`,
      ...lines,
      "send",
    ];
    return run("nsupdate", options, `${text.join("\n")}\n`);
  }
  const dig = async (...question: string[]): Promise<string> =>
    (await run("dig", ["@127.0.0.1", "-p", String(server.port), "+tries=1", "+time=3", ...question])).output;
  const key = (): string => `hmac-sha256:${server.keyName}:${server.tsigSecret.toString("base64")}`;

  test.each([
    { over: "UDP", options: [] },
    { over: "TCP", options: ["-v"] },
  ])("nsupdate changes a record over $over, and the serial grows by one", async ({ over, options }) => {
    const serial = server.serial();
    const name = `by-${over.toLowerCase()}.${server.zone}`;
    // No zone line: nsupdate finds the zone by asking for the SOA.
    const ended = await nsupdate([`update add ${name} 60 A 203.0.113.7`, `update add ${name} 60 TXT "a b"`], options);
    expect(ended).toEqual({ code: 0, output: "" });
    expect((await dig("+short", name, "A")).trim()).toBe("203.0.113.7");
    expect((await dig("+tcp", "+short", name, "TXT")).trim()).toBe('"a b"');
    expect(server.serial()).toBe(serial + 1);
  });

  test.each([
    { when: "a name exists that must not", prerequisite: "nxdomain app.example.test", rcode: "YXDOMAIN" },
    { when: "a name is missing", prerequisite: "yxdomain nothing.example.test", rcode: "NXDOMAIN" },
    { when: "a record set exists that must not", prerequisite: "nxrrset app.example.test A", rcode: "YXRRSET" },
    { when: "a record set is missing", prerequisite: "yxrrset app.example.test TXT", rcode: "NXRRSET" },
    { when: "a record set is another", prerequisite: "yxrrset app.example.test A 192.0.2.99", rcode: "NXRRSET" },
  ])("nsupdate reads $rcode when $when, and nothing is changed", async ({ prerequisite, rcode }) => {
    const serial = server.serial();
    const ended = await nsupdate([`prereq ${prerequisite}`, "update add refused.example.test 60 A 203.0.113.9"]);
    expect(ended.output).toContain(`update failed: ${rcode}`);
    expect(await dig("+short", "refused.example.test", "A")).toBe("");
    expect(server.serial()).toBe(serial);
  });

  test("nsupdate is told NOTAUTH and BADSIG for a wrong secret, REFUSED without one", async () => {
    const wrong = await nsupdate([`update add x.${server.zone} 60 A 203.0.113.9`], [], Buffer.from("wrong secret"));
    expect(wrong.code).not.toBe(0);
    expect(wrong.output).toContain("BADSIG");
    const unsigned = await run(
      "nsupdate",
      [],
      `server 127.0.0.1 ${String(server.port)}\nzone ${server.zone}\nupdate add x.${server.zone} 60 A 203.0.113.9\nsend\n`,
    );
    expect(unsigned.output).toContain("REFUSED");
    expect(await dig("+short", `x.${server.zone}`, "A")).toBe("");
  });

  test("dig checks the signature of an answer, and reads the same record as our client", async () => {
    const port = portTo(server);
    await port.claim(undefined, record(1, "primary"));
    const output = await dig("-y", key(), `_sparesync.app.${server.zone}`, "TXT");
    expect(output).toContain('"epoch=1 active=primary op=op1"');
    expect(output).toContain("flags: qr aa");
    expect(output).not.toMatch(/could.?n.t verify|bad/i);
  });

  test("dig reads NXDOMAIN, no data, alias and a foreign zone as they are meant", async () => {
    expect(await dig(`none.${server.zone}`, "A")).toMatch(/status: NXDOMAIN[^]*AUTHORITY: 1[^]*SOA/);
    expect(await dig(`app.${server.zone}`, "TXT")).toMatch(/status: NOERROR[^]*ANSWER: 0, AUTHORITY: 1/);
    // A name that has only names below it is no NXDOMAIN (RFC 8020).
    expect(await dig(`aliased.${server.zone}`, "A")).toMatch(/status: NOERROR[^]*ANSWER: 0/);
    expect((await dig("+short", `alias.${server.zone}`, "A")).trim()).toBe(`app.${server.zone}.\n192.0.2.10`);
    expect(await dig("elsewhere.test", "A")).toContain("status: REFUSED");
    expect(await dig("+short", server.zone, "SOA")).toContain(`hostmaster.${server.zone}.`);
  });

  test("nsupdate's changes are seen by our client, and what it deletes is gone", async () => {
    const port = portTo(server, { settings: { name: `shared.${server.zone}` } });
    const name = `_sparesync.shared.${server.zone}`;
    await nsupdate([`update add ${name} 0 TXT "epoch=7 active=secondary op=byhand"`]);
    expect(await port.readRecord()).toEqual(record(7, "secondary", "byhand"));
    const claimed = await port.claim(record(7, "secondary", "byhand"), record(8, "primary"));
    expect(claimed).toEqual({ kind: "done" });
    await nsupdate([`prereq yxrrset ${name} TXT "epoch=8 active=primary op=op8"`, `update delete ${name} TXT`]);
    expect(await port.readRecord()).toBeUndefined();
  });
});

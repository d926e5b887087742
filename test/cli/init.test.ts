import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { verifyAccessToken } from "../../shared/access-token.js";
import { comparePairSettings } from "../../shared/core/settings/pair-settings.js";
import { serverNames } from "../../shared/core/server-name.js";
import { findBrokenRelations } from "../../shared/core/settings/setting-relations.js";
import { readSettings } from "../../shared/settings-file.js";
import { makeFakeSystemctl } from "../support/fake-systemctl.js";
import { readWebConfig } from "../../exporter/web-config.js";
import { pairFlags, runCommand } from "../support/run-cli.js";

let out: string;
beforeEach(async () => {
  out = path.join(await mkdtemp(path.join(os.tmpdir(), "init-")), "pair");
});
afterEach(async () => {
  await rm(path.dirname(out), { recursive: true });
});

const inPair = (...parts: string[]) => path.join(out, ...parts);
const read = (...parts: string[]) => readFile(inPair(...parts), "utf8");

describe("a new pair", () => {
  test("has everything for both servers, and only secrets are private", async () => {
    const { exitCode, stdout } = await runCommand(pairFlags(out));
    expect(exitCode).toBe(0);
    const files = [
      "link-certificate.pem",
      "link-key.pem",
      "pair-key",
      "peer-certificate.pem",
      "sparesync.yml",
      "tokens.json",
      "tsig-secret",
      "web-config.yml",
    ];
    for (const server of ["primary", "secondary"]) {
      expect((await readdir(inPair(server))).sort()).toEqual(files);
      for (const file of files) {
        const isPublic = file.includes("certificate") || file === "sparesync.yml";
        expect([file, (await stat(inPair(server, file))).mode & 0o777]).toEqual([file, isPublic ? 0o644 : 0o600]);
      }
    }
    for (const file of ["tsig-key.conf", "scrape-password"]) {
      expect((await stat(inPair(file))).mode & 0o777).toBe(0o600);
    }
    expect(stdout).toContain("grant sparesync-shop name _sparesync.app.shop.test TXT");
    expect(stdout).toContain("Two active servers are excluded by proof");
    expect(stdout).not.toContain("acceptAssumption");
  });

  test("has settings that are valid, explained, and the same where the pair's must be", async () => {
    await runCommand(pairFlags(out));
    const primary = await readSettings(inPair("primary", "sparesync.yml"));
    const secondary = await readSettings(inPair("secondary", "sparesync.yml"));
    expect(comparePairSettings(primary.settings, secondary.settings)).toEqual([]);
    expect(primary.settings.server).toBe("primary");
    expect(secondary.settings.server).toBe("secondary");
    expect(primary.settings.link.peer).toEqual(secondary.settings.link.listen);
    expect(secondary.settings.link.peer).toEqual(primary.settings.link.listen);
    expect(secondary.settings.admin.listen).toEqual({ host: "127.0.0.2", port: 7402 });
    expect(secondary.settings.exporter.listen).toEqual({ host: "127.0.0.2", port: 7403 });
    expect(primary.settings.dns).toMatchObject({
      zone: "shop.test",
      name: "app.shop.test",
      updateServer: { host: "127.0.0.53", port: 5300 },
      addresses: { primary: ["127.0.0.1"], secondary: ["127.0.0.2"] },
      tsig: { keyName: "sparesync-shop" },
    });
    expect(primary.settings.failover.acceptAssumption).toBe(false);
    expect(primary.settings.managedSystem.controls).toEqual([expect.objectContaining({ name: "web.service" })]);
    const text = await read("primary", "sparesync.yml");
    expect(text).toContain("  # How often the actors tell each other their status.\n  # heartbeatSeconds: 5\n");
    const comments = text.split("\n").filter((line) => line.trim().startsWith("#"));
    for (const line of comments) expect(line.length).toBeLessThanOrEqual(112);
  });

  test.each([
    { when: "the update server stands elsewhere", flags: [] },
    { when: "it stands at the primary's site", flags: ["--update-server-site", "primary"] },
    {
      when: "it stands beside the spare and that is accepted",
      flags: ["--update-server-site", "secondary", "--accept-assumption"],
    },
    {
      when: "it stands beside the spare and a witness proves",
      flags: ["--update-server-site", "secondary", "--witness", "https://w.example.org:2379"],
    },
  ])("has the recommended times, which go together, when $when", async ({ flags }) => {
    expect((await runCommand([...pairFlags(out), ...flags])).exitCode).toBe(0);
    for (const server of serverNames) {
      const { settings } = await readSettings(inPair(server, "sparesync.yml"));
      expect(findBrokenRelations(settings)).toEqual([]);
      expect(settings.failover).toMatchObject({ allowedUnavailabilitySeconds: 120, probeSeconds: 60 });
      expect(settings.externalResources.recoverySeconds).toBe(60);
    }
  });

  test("has one pair key, one TSIG secret, and each server's certificate at the other", async () => {
    await runCommand(pairFlags(out));
    expect(await read("primary", "pair-key")).toMatch(/^[0-9a-f]{64}\n$/);
    expect(await read("secondary", "pair-key")).toBe(await read("primary", "pair-key"));
    const secret = await read("primary", "tsig-secret");
    expect(Buffer.from(secret, "base64")).toHaveLength(32);
    expect(await read("secondary", "tsig-secret")).toBe(secret);
    expect(await read("tsig-key.conf")).toBe(
      `key "sparesync-shop" {\n  algorithm hmac-sha256;\n  secret "${secret.trim()}";\n};\n`,
    );
    expect(await read("primary", "peer-certificate.pem")).toBe(await read("secondary", "link-certificate.pem"));
    expect(await read("secondary", "peer-certificate.pem")).toBe(await read("primary", "link-certificate.pem"));
    expect(await read("secondary", "link-key.pem")).not.toBe(await read("primary", "link-key.pem"));
    const certificate = new X509Certificate(await read("secondary", "link-certificate.pem"));
    expect(certificate.checkIP("127.0.0.2")).toBe("127.0.0.2");
    expect(certificate.checkHost("localhost")).toBe("localhost");
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(Date.parse(certificate.validTo) - Date.now()).toBeGreaterThan(3650 * 86_400_000);
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now() - 3_000_000);
  });

  test("has a web configuration that lets in Prometheus with its password, over TLS, and nobody else", async () => {
    const { json } = await runCommand([...pairFlags(out), "--json"]);
    expect(json["scrape"]).toEqual({ user: "prometheus", passwordFile: inPair("scrape-password") });
    const basic = (password: string) => `Basic ${Buffer.from(`prometheus:${password}`).toString("base64")}`;
    const password = await read("scrape-password");
    expect(password).toHaveLength(32);
    for (const server of ["primary", "secondary"]) {
      const { tls, isAllowed } = await readWebConfig(inPair(server, "web-config.yml"));
      expect(tls).toMatchObject({ cert: await read(server, "link-certificate.pem"), minVersion: "TLSv1.2" });
      expect([await isAllowed(basic(password)), await isAllowed(basic("x")), await isAllowed(undefined)]).toEqual([
        true,
        false,
        false,
      ]);
    }
  });

  test("has no web configuration where the settings open the metrics to everybody", async () => {
    const file = path.join(path.dirname(out), "overlay.yml");
    await writeFile(file, "both: { exporter: { openToEverybody: true } }\n");
    expect((await runCommand([...pairFlags(out), "--settings-overlay", file])).exitCode).toBe(0);
    expect(await readdir(inPair("primary"))).not.toContain("web-config.yml");
  });

  test("shows the tokens once and stores their hashes", async () => {
    const { json, stderr } = await runCommand([...pairFlags(out), "--json"]);
    const tokens = json["tokens"] as { role: string; name: string; token: string }[];
    expect(tokens.map(({ role }) => role)).toEqual(["viewer", "operator", "alertmanager"]);
    for (const server of ["primary", "secondary"]) {
      const file = await read(server, "tokens.json");
      for (const { role, name, token } of tokens) {
        expect(file).not.toContain(token);
        expect(verifyAccessToken(file, token)).toEqual({ role, name });
      }
    }
    expect(stderr).toBe("");
    expect(json).toMatchObject({
      ok: true,
      exclusion: { kind: "proof" },
      settings: { primary: inPair("primary", "sparesync.yml") },
    });
    expect(json["files"]).toHaveLength(18);
  });

  test("passes its own check on both servers", async () => {
    await runCommand(pairFlags(out));
    for (const server of ["primary", "secondary"]) {
      const argv = ["check", "--settings", inPair(server, "sparesync.yml"), "--json"];
      const PATH = await makeFakeSystemctl(path.dirname(out), {});
      const { exitCode, json } = await runCommand(argv, { env: { PATH } });
      expect(json["problems"]).toEqual([]);
      expect(exitCode).toBe(0);
    }
  });
});

describe("the status command of a systemd unit", () => {
  test.each([
    ["active", 0],
    ["reloading", 0],
    // The application may serve in both; "stopped" would let the other server take over.
    ["activating", 0],
    ["deactivating", 0],
    ["inactive", 3],
    ["failed", 3],
  ])("says of %s: %s", async (ActiveState, exitCode) => {
    await runCommand(pairFlags(out));
    const { settings } = await readSettings(inPair("primary", "sparesync.yml"));
    const [control] = settings.managedSystem.controls;
    const [program = "", ...args] = control?.kind === "command" ? control.status : [];
    const PATH = await makeFakeSystemctl(path.dirname(out), { ActiveState });
    expect(spawnSync(program, args, { env: { PATH } }).status).toBe(exitCode);
  });

  test("does not say stopped when systemd does not answer", async () => {
    await runCommand(pairFlags(out));
    const { settings } = await readSettings(inPair("primary", "sparesync.yml"));
    const [control] = settings.managedSystem.controls;
    const [program = "", ...args] = control?.kind === "command" ? control.status : [];
    const PATH = await makeFakeSystemctl(path.dirname(out), "no systemd");
    expect(spawnSync(program, args, { env: { PATH } }).status).toBe(0);
  });
});

describe("flags", () => {
  test("a witness can be given without questions, and is looked at like any setting", async () => {
    const flags = [...pairFlags(out), "--update-server-site", "secondary", "--witness"];
    const { exitCode, json } = await runCommand([...flags, "https://w.example.org:2379", "--json"]);
    expect([exitCode, json["exclusion"]]).toMatchObject([0, { kind: "proof" }]);
    const { settings } = await readSettings(inPair("secondary", "sparesync.yml"));
    expect(settings.witness).toMatchObject({ endpoints: ["https://w.example.org:2379"], ttlSeconds: 30 });
    await rm(out, { recursive: true });
    const refused = await runCommand([...flags, "w.example.org"]);
    expect([refused.exitCode === 0, refused.stderr]).toEqual([false, expect.stringContaining("witness.endpoints")]);
  });

  test("all addresses can be given, also IPv6, and the assumption accepted", async () => {
    const more = [
      ..."--zone test --primary-admin [::1]:1001 --secondary-admin 127.0.0.2:1002 --primary-exporter [::1]:1003".split(
        " ",
      ),
      ..."--secondary-exporter 127.0.0.2:1004 --primary-address 192.0.2.1 2001:db8::1 --secondary-address 192.0.2.2".split(
        " ",
      ),
      ..."--primary-public 192.0.2.1:8080 --secondary-public 192.0.2.2:8080 --tsig-key-name k --accept-assumption".split(
        " ",
      ),
    ];
    expect((await runCommand([...pairFlags(out), ...more])).exitCode).toBe(0);
    const { settings } = await readSettings(inPair("primary", "sparesync.yml"));
    expect(settings.admin.listen).toEqual({ host: "::1", port: 1001 });
    expect(settings.exporter.listen).toEqual({ host: "::1", port: 1003 });
    expect(settings.dns.zone).toBe("test");
    expect(settings.dns.addresses.primary).toEqual(["192.0.2.1", "2001:db8::1"]);
    expect(settings.managedSystem.localAddress).toEqual({ host: "192.0.2.1", port: 8080 });
    expect(settings.dns.tsig.keyName).toBe("k");
    expect(settings.failover.acceptAssumption).toBe(true);
    expect((await readSettings(inPair("secondary", "sparesync.yml"))).settings.admin.listen.port).toBe(1002);
  });

  test("an existing TSIG secret is copied, and no key file for the name server is made", async () => {
    const file = path.join(path.dirname(out), "given");
    await writeFile(file, "c2VjcmV0c2VjcmV0c2VjcmV0\n");
    const { stdout } = await runCommand([...pairFlags(out), "--tsig-secret-file", file]);
    expect(await read("secondary", "tsig-secret")).toBe("c2VjcmV0c2VjcmV0c2VjcmV0\n");
    expect(await readdir(out)).toEqual(["primary", "scrape-password", "secondary"]);
    expect(stdout).not.toContain("tsig-key.conf");
    expect(stdout).not.toContain("c2VjcmV0");
  });

  test("the overlay is merged over the settings of both and of each server", async () => {
    const file = path.join(path.dirname(out), "overlay.yml");
    await writeFile(
      file,
      `both:
  ownership: { selfFenceSeconds: 6, confirmSeconds: 1.5 }
  dns: { limitSeconds: 1 }
  managedSystem:
    controls: [{ kind: app-offline, directory: ../app }]
    testPage: { expectedText: "It's fine:\\nyes # really" }
primary:
  stateDirectory: /var/lib/a
  folders: [{ name: uploads, path: /srv/a }]
secondary:
  folders: [{ name: uploads, path: ../b }]
`,
    );
    const flags = pairFlags(out).filter((flag) => flag !== "--service" && flag !== "web.service");
    const { exitCode, stderr } = await runCommand([...flags, "--settings-overlay", file]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    const primary = (await readSettings(inPair("primary", "sparesync.yml"))).settings;
    const secondary = (await readSettings(inPair("secondary", "sparesync.yml"))).settings;
    expect(primary.ownership).toMatchObject({
      selfFenceSeconds: 6,
      confirmSeconds: 1.5,
      updateServerSite: "elsewhere",
    });
    expect(primary.stateDirectory).toBe("/var/lib/a");
    expect(primary.managedSystem.controls).toEqual([{ kind: "app-offline", directory: inPair("app") }]);
    expect(secondary.managedSystem.testPage.expectedText).toBe("It's fine:\nyes # really");
    expect([primary, secondary].map(({ folders }) => folders[0]?.path)).toEqual(["/srv/a", inPair("b")]);
  });
});

describe("nothing is written", () => {
  async function expectRefusal(flags: readonly string[], says: RegExp, code = 2) {
    const { exitCode, stderr, stdout } = await runCommand(flags);
    expect(stderr).toMatch(says);
    expect([exitCode, stdout]).toEqual([code, ""]);
    await expect(stat(inPair("secondary"))).rejects.toMatchObject({ code: "ENOENT" });
  }

  test("when files exist: each is named and none is touched", async () => {
    await mkdir(inPair("primary"), { recursive: true });
    await writeFile(inPair("primary", "pair-key"), "mine");
    await expectRefusal(pairFlags(out), /nothing was written, because these exist: .*primary\/pair-key\n$/);
    expect(await readdir(inPair("primary"))).toEqual(["pair-key"]);
    expect(await read("primary", "pair-key")).toBe("mine");
  });

  test("when a write fails half-way: what was written is removed", async () => {
    await mkdir(out, { recursive: true });
    await writeFile(inPair("secondary"), "a file, not a folder");
    expect((await runCommand(pairFlags(out))).exitCode).toBe(1);
    expect(await readdir(inPair("primary")).catch(() => [])).toEqual([]);
    await rm(inPair("secondary"));
  });

  test("without a terminal the missing flags are named", async () => {
    await expectRefusal(
      ["init", "--out", out, "--pair", "x"],
      /^--name, --update-server, --update-server-site, .*--service needed/,
    );
  });

  test.each([
    ["--primary-link", "127.0.0.1", /--primary-link 127.0.0.1: expected host:port/],
    ["--primary-link", "127.0.0.1:99999", /expected host:port/],
    ["--primary-link", "server-a.example.org:1", /--primary-address is needed/],
    ["--tsig-secret-file", "/nonexistent", /--tsig-secret-file: ENOENT/],
    ["--settings-overlay", "/nonexistent", /the settings overlay .* cannot be used/],
  ])("when %s is %s", async (flag, value, says) => {
    await expectRefusal([...pairFlags(out), flag, value], says);
  });

  test.each([
    ["--pair", "The Shop", /sparesync.yml:\d+: pair: "The Shop": does not match/],
    ["--update-server-site", "moon", /ownership.updateServerSite: "moon": is not one of the allowed values/],
    ["--zone", "other.test", /dns.name: "app.shop.test": the name app.shop.test is not inside the zone other.test/],
    ["--secondary-link", "127.0.0.1:7401", /link.peer/],
  ])("when the settings would not be valid because %s is %s", async (flag, value, says) => {
    await expectRefusal([...pairFlags(out), flag, value], says, 1);
  });

  test.each([
    ["secondary:\n  dns: { ttlSeconds: 7 }\n", /must be the same on both servers: dns.ttlSeconds/, 2],
    ["both:\n  dns: { ttl: 7 }\n", /dns.ttl: is not a known key/, 1],
    ["third: {}\n", /third/, 2],
    ["both: [\n", /cannot be used/, 2],
  ])("when the overlay is %j", async (text, says, code) => {
    const file = path.join(path.dirname(out), "overlay.yml");
    await writeFile(file, text);
    await expectRefusal([...pairFlags(out), "--settings-overlay", file], says, code);
  });
});

describe("questions on a terminal", () => {
  const essentials = ["shop", "app.shop.test", "127.0.0.53", "secondary", "127.0.0.1:7401", "127.0.0.2:7401", "web"];

  test("do not ask to accept what is proven", async () => {
    const answers = essentials.map((answer) => (answer === "secondary" ? "elsewhere" : answer));
    const { exitCode, stderr } = await runCommand(["init", "--out", out], { answers });
    expect([exitCode, stderr.includes("Fail over automatically all the same?")]).toEqual([0, false]);
    const { settings } = await readSettings(inPair("primary", "sparesync.yml"));
    expect(settings.failover.acceptAssumption).toBe(false);
  });

  test.each([
    ["yes", true],
    ["y", true],
    ["no", false],
    ["", false],
  ])("are asked in plain words; %j to the assumption", async (answer, accepted) => {
    const { exitCode, stderr } = await runCommand(["init", "--out", out], { answers: [...essentials, "", answer] });
    expect(exitCode).toBe(0);
    expect(stderr).toContain("Where does that name server stand");
    expect(stderr).toContain("both servers take orders, uploads and changes for a while");
    expect(stderr).toContain("the update server stands at the secondary's site");
    const { settings } = await readSettings(inPair("primary", "sparesync.yml"));
    expect(settings.failover.acceptAssumption).toBe(accepted);
    expect(settings.ownership.updateServerSite).toBe("secondary");
    expect(settings.dns.updateServer).toEqual({ host: "127.0.0.53", port: 53 });
  });

  test("name a witness at a third site, which proves what else is assumed", async () => {
    const witness = "https://w1.example.org:2379 https://w2.example.org:2379";
    const { exitCode, stderr, stdout } = await runCommand(["init", "--out", out], {
      answers: [...essentials, witness],
    });
    expect([exitCode, stderr.includes("Fail over automatically all the same?")]).toEqual([0, false]);
    expect(stdout).toContain("Two active servers are excluded by proof");
    for (const server of ["primary", "secondary"]) {
      const { settings } = await readSettings(inPair(server, "sparesync.yml"));
      expect(settings.witness?.endpoints).toEqual(witness.split(" "));
      expect(settings.failover.acceptAssumption).toBe(false);
    }
  });

  test("are not asked again for what the flags say", async () => {
    const { exitCode, stderr } = await runCommand([...pairFlags(out), "--no-accept-assumption"], { answers: [] });
    expect([exitCode, stderr]).toEqual([0, ""]);
  });

  test("that are not answered end without a file", async () => {
    const { exitCode, stderr } = await runCommand(["init", "--out", out], { answers: ["shop"] });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("the questions were not answered; nothing was written");
    await expect(stat(out)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

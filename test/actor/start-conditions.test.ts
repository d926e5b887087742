import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { prepareState, requireUsableFiles } from "../../actor/start-conditions.js";
import { readSettings } from "../../shared/settings-file.js";
import { generate } from "selfsigned";
import { makeFakeSystemctl } from "../support/fake-systemctl.js";
import { rememberLog } from "../support/log-memory.js";
import { pairFlags, runCommand } from "../support/run-cli.js";

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "start-conditions-"));
  await runCommand(pairFlags(path.join(directory, "pair")));
  file = own("sparesync.yml");
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

const own = (name: string) => path.join(directory, "pair", "primary", name);

const wrongFiles: readonly {
  readonly when: string;
  readonly make: () => Promise<unknown>;
  readonly keys: readonly string[];
  readonly says: RegExp;
}[] = [
  {
    when: "the state directory is a file",
    make: () => writeFile(own("state"), ""),
    keys: ["stateDirectory"],
    says: /state is not a folder; name a folder$/,
  },
  {
    when: "the state directory stands under a file",
    make: async () => {
      await writeFile(own("other"), "");
      const text = await readFile(file, "utf8");
      await writeFile(file, text.replace("# stateDirectory: state", "stateDirectory: other/state"));
    },
    keys: ["stateDirectory"],
    says: /: "other\/state": .*other\/state cannot be used: ENOTDIR.*; let the user who runs SpareSync use it$/,
  },
  {
    when: "the certificate is missing",
    make: () => rm(own("link-certificate.pem")),
    keys: ["link.certificateFile", "admin.certificateFile"],
    says: /link-certificate.pem does not exist; create it, or correct the setting$/,
  },
  {
    when: "the peer's certificate is a folder",
    make: async () => {
      await rm(own("peer-certificate.pem"));
      await mkdir(own("peer-certificate.pem"));
    },
    keys: ["link.peerCertificateFile"],
    says: /peer-certificate.pem cannot be used: EISDIR/,
  },
  {
    when: "the private key is missing",
    make: () => rm(own("link-key.pem")),
    keys: ["link.privateKeyFile", "admin.privateKeyFile"],
    says: /cannot be read: ENOENT.*link-key.pem.*; create it, or copy it/,
  },
  {
    when: "others may read the pair key",
    make: () => chmod(own("pair-key"), 0o644),
    keys: ["link.pairKeyFile"],
    says: /pair-key holds a secret and others may read it; chmod 600 /,
  },
  {
    when: "the TSIG secret is no Base64",
    make: () => writeFile(own("tsig-secret"), "***"),
    keys: ["dns.tsig.secretFile"],
    says: /tsig-secret is not one line of Base64; restore the file/,
  },
  {
    when: "the tokens file is no JSON",
    make: () => writeFile(own("tokens.json"), "***"),
    keys: ["admin.tokensFile"],
    says: /tokens.json cannot be used: the tokens file is not of the expected form/,
  },
  {
    when: "the certificate is something else",
    make: () => writeFile(own("link-certificate.pem"), "hello"),
    keys: ["link.certificateFile"],
    says: /is not a certificate in PEM/,
  },
  {
    when: "the key is not the certificate's",
    make: async () => writeFile(own("link-key.pem"), (await generate([], { keyType: "ec" })).private),
    keys: ["link.privateKeyFile", "admin.privateKeyFile"],
    says: /is not the key of the certificate beside it/,
  },
];

describe("the actor does not start, and says the same as check", () => {
  test.each(wrongFiles)("when $when", async ({ make, keys, says }) => {
    await make();
    const { exitCode, stderr } = await runCommand(["actor", "--settings", file]);
    expect(exitCode).toBe(1);
    expect(stderr).not.toContain("bug");
    const lines = stderr.trimEnd().split("\n");
    expect(lines[0]).toMatch(/sparesync\.yml has (one problem|\d problems)$/);
    expect(lines.slice(1).map((line) => /sparesync\.yml:\d+: ([\w.]+): /.exec(line)?.[1])).toEqual(keys);
    for (const line of lines.slice(1)) expect(line).toMatch(says);

    const PATH = await makeFakeSystemctl(directory, {});
    const checked = await runCommand(["check", "--settings", file], { env: { PATH } });
    expect(checked.exitCode).toBe(1);
    for (const line of lines.slice(1)) expect(checked.stdout).toContain(`problem: ${line}`);
  });
});

test("what only makes something fail later is a warning, and the actor starts", async () => {
  const day = 86_400_000;
  const dates = { notBeforeDate: new Date(Date.now() - 2 * day), notAfterDate: new Date(Date.now() - day) };
  await writeFile(own("peer-certificate.pem"), (await generate([], { keyType: "ec", ...dates })).cert);
  const log = rememberLog();
  await requireUsableFiles(await readSettings(file), Date.now(), log);
  expect(log.lines).toEqual([
    expect.objectContaining({
      level: "warn",
      event: "setting-problem",
      fields: expect.objectContaining({ setting: "link.peerCertificateFile" }) as unknown,
    }),
  ]);
});

test("the state directory is made, for this user only, and one that is there is kept", async () => {
  const loaded = await readSettings(file);
  await prepareState(loaded);
  await writeFile(own("state/kept"), "");
  await prepareState(loaded);
  expect((await stat(own("state"))).mode & 0o777).toBe(0o700);
  expect((await stat(own("state/kept"))).isFile()).toBe(true);
});

test("a state directory that cannot be made is named", async () => {
  const loaded = await readSettings(file);
  await writeFile(own("state"), "");
  await expect(prepareState(loaded)).rejects.toMatchObject({
    code: "SETTINGS_INVALID",
    message: expect.stringMatching(/stateDirectory: .*state cannot be made: EEXIST.*; let the user who runs SpareSync/),
  });
});

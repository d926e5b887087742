import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { openAdminStub } from "../support/admin-stub.js";
import { pairFlags, runCommand } from "../support/run-cli.js";

const env = { SPARESYNC_TOKEN: "the-token" };

let directory: string;
let stub: Awaited<ReturnType<typeof openAdminStub>>;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "admin-client-"));
  stub = await openAdminStub(() => ({ body: { operations: [] } }));
  await writeFile(path.join(directory, "ca.pem"), stub.certificate);
});
afterEach(async () => {
  await stub.close();
  await rm(directory, { recursive: true });
});

function run(command: string) {
  const target = ["--url", `https://127.0.0.1:${stub.port}`, "--ca", path.join(directory, "ca.pem")];
  return runCommand([...command.split(" "), ...target], { env });
}

describe("whom the token is given to", () => {
  async function withSettings(certificate: string) {
    await runCommand(pairFlags(path.join(directory, "pair")));
    const file = path.join(directory, "pair", "primary", "sparesync.yml");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace("port: 7402", `port: ${stub.port}`));
    await writeFile(path.join(directory, "pair", "primary", "link-certificate.pem"), certificate);
    return runCommand(["operations", "--settings", file, "--json"], { env });
  }

  test("with --settings, to the holder of exactly the certificate the settings name", async () => {
    expect((await withSettings(stub.certificate)).json).toEqual({ ok: true, operations: [] });
  });

  test("not to the holder of another certificate", async () => {
    const other = await openAdminStub(() => ({ body: {} }));
    const { json } = await withSettings(other.certificate);
    await other.close();
    expect(json).toMatchObject({ error: { code: "ACTOR_UNREACHABLE" } });
    expect(stub.seen).toEqual([]);
  });

  test("not to a certificate nobody vouches for", async () => {
    const { exitCode } = await runCommand(["status", "--url", `https://127.0.0.1:${stub.port}`], {
      env,
    });
    expect(exitCode).toBe(1);
    expect(stub.seen).toEqual([]);
  });

  test("a token file must be private", async () => {
    const file = path.join(directory, "token");
    await writeFile(file, "file-token\n", { mode: 0o600 });
    expect((await run(`operations --token-file ${file}`)).exitCode).toBe(0);
    expect(stub.seen[0]?.authorization).toBe("Bearer file-token");
    await writeFile(path.join(directory, "open"), "x", { mode: 0o644 });
    expect((await run(`operations --token-file ${path.join(directory, "open")}`)).exitCode).toBe(1);
  });
});

import { expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { openAdminStub } from "../support/admin-stub.js";
import { runCommand } from "../support/run-cli.js";

test.each([
  { because: "", exitCode: 0, shown: "ok   add _sparesync-test.app (0.25 s)\n" },
  { because: "REFUSED", exitCode: 1, shown: "FAIL add _sparesync-test.app (0.25 s) — REFUSED\n" },
])("dns test ends with $exitCode for $shown", async ({ because, exitCode, shown }) => {
  const line = { what: "add _sparesync-test.app", passed: because === "", because, seconds: 0.25 };
  const stub = await openAdminStub(() => ({ body: { lines: [line] } }));
  const directory = await mkdtemp(path.join(os.tmpdir(), "dns-"));
  try {
    const ca = path.join(directory, "ca.pem");
    await writeFile(ca, stub.certificate);
    const target = ["--url", `https://127.0.0.1:${stub.port}`, "--ca", ca];
    const env = { SPARESYNC_TOKEN: "the-token" };
    const ended = await runCommand(["dns", "test", ...target], { env });
    expect([ended.exitCode, ended.stdout]).toEqual([exitCode, shown]);
    expect(stub.seen).toMatchObject([{ method: "POST", url: "/v1/dns/test", body: {} }]);
  } finally {
    await stub.close();
    await rm(directory, { recursive: true });
  }
});

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { examineManagedSystem } from "../../cli/check/managed-system.js";
import type { ManagedSystemSettings } from "../../shared/core/settings/settings.js";
import { makeFakeSystemctl } from "../support/fake-systemctl.js";
import { sampleSettings } from "../support/sample-settings.js";

let directory: string;
let searchPath: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "check-managed-"));
  searchPath = await makeFakeSystemctl(directory, {});
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

type Control = ManagedSystemSettings["controls"][number];
type CommandControl = Extract<Control, { kind: "command" }>;

function unitControl(change: Partial<CommandControl> = {}): CommandControl {
  return {
    kind: "command",
    name: "web",
    start: ["systemctl", "start", "web.service"],
    stop: ["systemctl", "stop", "web.service"],
    kill: ["systemctl", "kill", "web.service"],
    status: ["true"],
    ...change,
  };
}

async function examine(controls: readonly Control[], stopSeconds = 30) {
  const settings = sampleSettings();
  const found = await examineManagedSystem(
    {
      ...settings,
      ownership: { ...settings.ownership, stopSeconds },
      managedSystem: { ...settings.managedSystem, controls: [...controls] },
    },
    searchPath,
  );
  return found.map(({ grade, key, message, hint }) => `${grade} ${key}: ${message}; ${hint}`);
}

describe("autostart of a systemd unit", () => {
  test("off: nothing to say", async () => {
    expect(await examine([unitControl()])).toEqual([]);
  });

  test.each(["enabled", "enabled-runtime", "alias"])(
    "%s is a problem, for only SpareSync may start it",
    async (state) => {
      searchPath = await makeFakeSystemctl(directory, { UnitFileState: state });
      expect(await examine([unitControl()])).toEqual([
        `problem managedSystem.controls[0].start: systemd starts web.service by itself when this server boots (${state}); ` +
          "only SpareSync may start it; systemctl disable web.service",
      ]);
    },
  );

  test.each(["static", "indirect", "generated"])("%s: another unit may start it, which is a notice", async (state) => {
    searchPath = await makeFakeSystemctl(directory, { UnitFileState: state });
    expect(await examine([unitControl()])).toEqual([
      expect.stringMatching(new RegExp(`^notice .*web.service is ${state} in systemd.*list-dependencies --reverse`)),
    ]);
  });

  test("a socket or timer that starts it is a problem", async () => {
    searchPath = await makeFakeSystemctl(directory, { TriggeredBy: "web.socket web.timer" });
    expect(await examine([unitControl()])).toEqual([
      expect.stringMatching(/^problem .*told by web.socket web.timer.*systemctl disable --now web.socket web.timer$/),
    ]);
  });

  test("a unit that systemd does not know is a problem", async () => {
    searchPath = await makeFakeSystemctl(directory, { LoadState: "not-found", UnitFileState: "" });
    expect(await examine([unitControl()])).toEqual([expect.stringMatching(/^problem .*knows no unit web.service/)]);
  });

  test("where systemd does not run, that is said and nothing else", async () => {
    searchPath = await makeFakeSystemctl(directory, "no systemd");
    expect(await examine([unitControl()])).toEqual([
      expect.stringMatching(/^notice .*cannot be seen: System has not been booted.*must say disabled$/),
    ]);
  });

  test("sudo and options before the verb do not hide the unit", async () => {
    searchPath = await makeFakeSystemctl(directory, { UnitFileState: "enabled" });
    const start = [path.join(directory, "bin", "systemctl"), "--user", "restart", "--no-block", "web.service"];
    expect(await examine([unitControl({ start: ["env", ...start] })])).toEqual([
      expect.stringMatching(/^problem .*starts web.service by itself/),
    ]);
  });

  test("of other programs it cannot be seen", async () => {
    expect(await examine([unitControl({ start: ["true"] })])).toEqual([
      expect.stringMatching(/^notice .*cannot be seen here whether web also starts by itself.*no restart policy$/),
    ]);
  });
});

describe("the time to stop", () => {
  test.each([
    ["18s", [], 30],
    ["18.5s", [/waits for 18.5 s until web.service has stopped, and of ownership.stopSeconds it surely has 18 s/], 30],
    ["1min 30s", [/waits for 90 s/], 30],
    ["infinity", [/waits without an end/], 600],
  ])("systemd waits %s", async (TimeoutStopUSec, says, stopSeconds) => {
    searchPath = await makeFakeSystemctl(directory, { TimeoutStopUSec });
    expect(await examine([unitControl()], stopSeconds)).toEqual(says.map((it) => expect.stringMatching(it)));
  });

  test("is shared by all controls", async () => {
    searchPath = await makeFakeSystemctl(directory, { TimeoutStopUSec: "10s" });
    const offline = { kind: "app-offline", directory } as const;
    expect(await examine([offline, unitControl()])).toEqual([expect.stringMatching(/it surely has 9 s/)]);
  });

  test("without a kill command the bound is an assumption", async () => {
    const control = { ...unitControl() };
    delete control.kill;
    expect(await examine([control])).toEqual([
      expect.stringMatching(
        /^notice managedSystem.controls\[0\]: nothing ends web when stop does not: .* within 30 s .* is an assumption; set kill/,
      ),
    ]);
  });
});

describe("programs", () => {
  test.each(["start", "stop", "kill", "status"] as const)("%s that is not there is a problem", async (verb) => {
    const found = await examine([unitControl({ [verb]: ["webctl-of-nobody", "x"] })]);
    expect(found).toContain(
      `problem managedSystem.controls[0].${verb}: the ${verb} command of web cannot be run: ` +
        "there is no program webctl-of-nobody; install it, or give its absolute path",
    );
  });

  test("a file without permission to run, and a folder, are no programs", async () => {
    const file = path.join(directory, "webctl");
    await writeFile(file, "");
    await chmod(file, 0o644);
    expect(await examine([unitControl({ stop: [file] })])).toEqual([expect.stringMatching(/no program .*webctl/)]);
    expect(await examine([unitControl({ stop: [directory] })])).toEqual([expect.stringMatching(/no program/)]);
    await chmod(file, 0o755);
    expect(await examine([unitControl({ stop: [file] })])).toEqual([]);
  });

  test("a path that depends on the actor's folder is a notice", async () => {
    const file = path.join(directory, "webctl");
    await writeFile(file, "", { mode: 0o755 });
    const stop = [path.relative(process.cwd(), file)];
    expect(await examine([unitControl({ stop })])).toEqual([expect.stringMatching(/^notice .*absolute path$/)]);
  });
});

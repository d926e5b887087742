import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";

const policyFile = "/usr/sbin/policy-rc.d";

/** Whether missing programs can be installed here without asking anyone. */
export function canInstall(): boolean {
  return process.platform === "linux" && process.getuid?.() === 0 && existsSync("/etc/debian_version");
}

/**
 * Installs Debian packages. A policy file (invoke-rc.d(8)) forbids the packages to start their services: the tests
 * start their own servers on free ports, and nobody asked for a name server on this machine. A policy that is there
 * already is left alone. Returns whether apt-get succeeded; what is missing afterwards is looked up anew by the caller.
 */
export function installPackages(packages: readonly string[]): boolean {
  const hasOwnPolicy = existsSync(policyFile);
  if (!hasOwnPolicy) writeFileSync(policyFile, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  // The default on Ctrl-C would leave the policy behind; apt-get gets the signal itself and ends, then we go on here.
  const ignore = (): void => undefined;
  process.on("SIGINT", ignore);
  try {
    // A list of packages that is too old names files the mirror no longer has: update once, go on if it fails.
    aptGet(["update"]);
    return aptGet(["install", "--yes", "--no-install-recommends", ...packages]);
  } finally {
    process.off("SIGINT", ignore);
    if (!hasOwnPolicy) rmSync(policyFile, { force: true });
  }
}

function aptGet(args: readonly string[]): boolean {
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const limitMs = 15 * 60_000;
  const result = spawnSync("apt-get", ["--quiet=2", ...args], { stdio: "inherit", env: environment, timeout: limitMs });
  return result.status === 0;
}

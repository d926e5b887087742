import childProcess from "node:child_process";
import { readFileSync } from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { KeptFacts } from "../../actor/core/kept-facts.js";
import { otherServer, serverNames, type ServerName } from "../../shared/core/server-name.js";
import { type Kill, KillFolder, killVariables, type Moment, stepMoment } from "./kill-at-steps.js";

/**
 * Loaded into an actor's process before the actor (`node --import`): sends the SIGKILLs at exactly the moments that a
 * test looking from outside would often miss, for many a step takes a few milliseconds. The actor knows nothing of it:
 * what is observed is the renaming of its facts.json and the programs it starts.
 */
const peerUpLimitMs = 30_000;
const pollMs = 5;

/** The argument of the program that a step starts. */
const programs: Readonly<Record<string, string>> = {
  "stop-managed-system": "stop",
  "start-managed-system": "start",
};

function readFacts(file: string): KeptFacts | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as KeptFacts;
  } catch {
    return undefined;
  }
}

/** Kills this very process at once; nothing of it runs any more. */
function killSelf(folder: KillFolder, server: ServerName, kill: Kill): void {
  folder.noteKill(kill);
  folder.forgetPid(server);
  process.kill(process.pid, "SIGKILL");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** Kills the other server's actor when it is up again after the last time. */
async function killPeer(folder: KillFolder, victim: ServerName, kill: Kill): Promise<void> {
  const deadline = performance.now() + peerUpLimitMs;
  while (folder.pidOf(victim) === undefined && performance.now() < deadline) await sleep(pollMs);
  const pid = folder.pidOf(victim);
  if (pid === undefined) return;
  folder.forgetPid(victim);
  process.kill(pid, "SIGKILL");
  folder.noteKill(kill);
}

async function act(folder: KillFolder, server: ServerName, step: string, moment: Moment): Promise<void> {
  const round = folder.round;
  if (round === undefined) return;
  const isOwn = round.victim === server;
  // What is done on one server does not touch the other before the next step begins.
  if (!isOwn && moment !== "begun") return;
  const kill: Kill = { round: round.round, step, moment };
  if (folder.isNoted(kill)) return;
  if (isOwn) killSelf(folder, server, kill);
  else await killPeer(folder, otherServer(server), kill);
}

function watchFacts(folder: KillFolder, note: (facts: KeptFacts) => void): void {
  const rename = fs.rename.bind(fs);
  fs.rename = async (from, to) => {
    if (typeof from !== "string" || typeof to !== "string" || basename(to) !== "facts.json") {
      await rename(from, to);
      return;
    }
    const before = readFacts(to);
    const after = readFacts(from);
    const seen = after && stepMoment(after.server, before, after);
    if (after && seen?.moment === "done") await act(folder, after.server, seen.step, "done");
    await rename(from, to);
    if (!after) return;
    note(after);
    if (seen?.moment === "begun") await act(folder, after.server, seen.step, "begun");
  };
}

function watchPrograms(folder: KillFolder, server: ServerName): void {
  const spawn = childProcess.spawn.bind(childProcess) as (...args: unknown[]) => childProcess.ChildProcess;
  const spawnAndKill = (...all: unknown[]): childProcess.ChildProcess => {
    const child = spawn(...all);
    const [, args] = all;
    for (const [step, argument] of Object.entries(programs)) {
      if (folder.stepOf(server) !== step || !Array.isArray(args) || !args.includes(argument)) continue;
      void act(folder, server, step, "child");
    }
    return child;
  };
  Object.assign(childProcess, { spawn: spawnAndKill });
}

function install(folder: KillFolder, server: ServerName): void {
  // The programs that the actor starts are none of ours.
  delete process.env["NODE_OPTIONS"];
  watchFacts(folder, (facts) => {
    const running = facts.operation?.steps.find((step) => step.runsOn === server && step.state === "running");
    folder.setStep(server, running?.name ?? "");
  });
  watchPrograms(folder, server);
  syncBuiltinESMExports();
}

const folder = process.env[killVariables.folder];
const own = serverNames.find((name) => name === process.env[killVariables.server]);
if (folder !== undefined && own !== undefined) install(new KillFolder(folder), own);

import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ServerName } from "../../shared/core/server-name.js";

/**
 * The moments at which an actor is killed: `begun`, when the step is noted as running and nothing of it is done; `child`,
 * when a program that the step starts has just been started; `done`, when the step is done and this is not noted yet.
 */
export type Moment = "begun" | "child" | "done";

/** One SIGKILL that was sent: in which round, during which step, at which moment of it. */
export interface Kill {
  readonly round: string;
  readonly step: string;
  readonly moment: Moment;
}

export interface Round {
  readonly round: string;
  readonly victim: ServerName;
}

/** Names the folder by which the test and the two actors' preloaded module (kill-at-steps-preload.ts) understand each other. */
export const killVariables = { folder: "SPARESYNC_TEST_KILL_FOLDER", server: "SPARESYNC_TEST_KILL_SERVER" } as const;

/** What the test and the actors tell each other, as files: whose turn it is to die, who is up, who was killed when. */
export class KillFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What makes a server's actor obey this folder. */
  environmentOf(server: ServerName): Readonly<Record<string, string>> {
    const preload = join(import.meta.dirname, "kill-at-steps-preload.js");
    return {
      [killVariables.folder]: this.#folder,
      [killVariables.server]: server,
      NODE_OPTIONS: `--import ${preload}`,
    };
  }

  get round(): Round | undefined {
    return this.#read("round.json") as Round | undefined;
  }

  startRound(round: Round): void {
    writeFileSync(this.#file("round.json"), JSON.stringify(round));
  }

  endRound(): void {
    rmSync(this.#file("round.json"), { force: true });
  }

  /** The process of an actor that is up and answers; undefined while it is not. */
  pidOf(server: ServerName): number | undefined {
    return this.#read(`${server}.pid`) as number | undefined;
  }

  setPid(server: ServerName, pid: number): void {
    writeFileSync(this.#file(`${server}.pid`), String(pid));
  }

  forgetPid(server: ServerName): void {
    rmSync(this.#file(`${server}.pid`), { force: true });
  }

  /** The step that an actor runs; kept beside it, for it outlives the actor. */
  stepOf(server: ServerName): string {
    return (this.#read(`${server}.step`) as string | undefined) ?? "";
  }

  setStep(server: ServerName, step: string): void {
    writeFileSync(this.#file(`${server}.step`), JSON.stringify(step));
  }

  get kills(): readonly Kill[] {
    const file = this.#file("kills.jsonl");
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, "utf8").trim().split("\n");
    return lines.map((line) => JSON.parse(line) as Kill);
  }

  /** Each kill comes once: the actor that is started again must get beyond it. */
  isNoted({ round, step, moment }: Kill): boolean {
    return this.kills.some((known) => known.round === round && known.step === step && known.moment === moment);
  }

  noteKill(kill: Kill): void {
    appendFileSync(this.#file("kills.jsonl"), `${JSON.stringify(kill)}\n`);
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }

  #read(name: string): unknown {
    try {
      return JSON.parse(readFileSync(this.#file(name), "utf8"));
    } catch {
      return undefined;
    }
  }
}

interface Steps {
  readonly operation: { readonly steps: readonly { name: string; runsOn: ServerName; state: string }[] } | null;
}

/** The step that a server has begun, or has just done, between two states of its kept facts. */
export function stepMoment(
  server: ServerName,
  before: Steps | undefined,
  after: Steps,
): { readonly step: string; readonly moment: "begun" | "done" } | undefined {
  for (const step of after.operation?.steps ?? []) {
    if (step.runsOn !== server) continue;
    const state = before?.operation?.steps.find(({ name }) => name === step.name)?.state;
    if (step.state === "running" && state !== "running") return { step: step.name, moment: "begun" };
    if (step.state === "done" && state === "running") return { step: step.name, moment: "done" };
  }
  return undefined;
}

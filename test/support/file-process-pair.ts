import { type ChildProcess, fork } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import type { folderSettings } from "../../shared/core/settings/data-settings.js";
import { makeCertificate } from "./certificates.js";
import { type FileFaults, faultsVariable } from "./file-faults.js";
import { freePort } from "./free-port.js";
import type { FileSideAnswer, FileSideOptions, FileSideTask, FileSideWork } from "./file-side-protocol.js";

export type Side = "primary" | "secondary";
export type FolderInput = Omit<z.input<typeof folderSettings>, "path">;

export interface FileProcessPairOptions {
  /** Holds state and logs of both sides; not in one of the folders. */
  readonly base: string;
  /** Each side's path of the folder. */
  readonly roots: Readonly<Record<Side, string>>;
  readonly folder?: FolderInput;
  readonly transfer?: FileSideOptions["transfer"];
  /** Where the primary reaches the secondary instead of at its own port. */
  readonly relay?: (port: number) => Promise<number>;
}

/** A side that ends, or is killed, before it has answered. */
export class SideEnded extends Error {}

/** One server's files half as a process. */
export class FileSideProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<
    number,
    { readonly done: (value: unknown) => void; readonly fail: (error: Error) => void }
  >();
  readonly ended: Promise<void>;
  #lastId = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (message) => {
      const { id, value, error } = message as FileSideAnswer;
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.done(value);
      else waiting?.fail(new Error(error));
    });
    this.ended = new Promise((resolve) => {
      child.once("exit", () => {
        for (const { fail } of this.#waiting.values()) fail(new SideEnded("the side has ended"));
        this.#waiting.clear();
        resolve();
      });
    });
  }

  static async start(options: FileSideOptions, logFile: string, faults?: FileFaults): Promise<FileSideProcess> {
    const log = openSync(logFile, "a");
    const preload = join(import.meta.dirname, "file-faults-preload.js");
    const child = fork(join(import.meta.dirname, "file-side.js"), [], {
      stdio: ["ignore", log, log, "ipc"],
      // A test runner's own options are none of this program's business.
      env: { ...process.env, NODE_OPTIONS: "", [faultsVariable]: JSON.stringify(faults ?? {}) },
      execArgv: faults === undefined ? [] : ["--import", preload],
    });
    closeSync(log);
    const side = new FileSideProcess(child);
    await side.ask("open", options);
    return side;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Rejects with what the side says, or with SideEnded. */
  ask<Task extends FileSideTask>(
    task: Task,
    value: FileSideWork[Task]["asks"],
  ): Promise<FileSideWork[Task]["answers"]> {
    if (this.hasEnded) return Promise.reject(new SideEnded("the side has ended"));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((done, fail) => {
      // Which task it is an answer to is known by the id alone.
      this.#waiting.set(id, { done: done as (value: unknown) => void, fail });
      this.#child.send({ id, task, value }, (error) => {
        if (error !== null) fail(new SideEnded(error.message));
      });
    });
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
  }

  /** Ends it in order, which takes as long as the other side keeps its connection. */
  async end(): Promise<void> {
    await this.ask("close", null).catch(() => undefined);
    await this.kill();
  }
}

/** Two servers with one folder each, every side a process, joined by the real link. The primary is the source. */
export class FileProcessPair {
  readonly #options: FileProcessPairOptions;
  readonly #sides: Readonly<Record<Side, FileSideOptions>>;
  readonly #running: Partial<Record<Side, FileSideProcess>> = {};

  private constructor(options: FileProcessPairOptions, sides: Readonly<Record<Side, FileSideOptions>>) {
    this.#options = options;
    this.#sides = sides;
  }

  /** The pair without its processes. */
  static async set(options: FileProcessPairOptions): Promise<FileProcessPair> {
    const [primary, secondary] = await Promise.all([makeCertificate("primary"), makeCertificate("secondary")]);
    const ports = { primary: await freePort(), secondary: await freePort() };
    const toSecondary = await (options.relay ?? ((port) => Promise.resolve(port)))(ports.secondary);
    const folder: FolderInput = { name: "files", delaySeconds: 0, ...options.folder };
    const sideOf = (server: Side): FileSideOptions => ({
      server,
      folders: [{ ...folder, path: options.roots[server] }],
      stateDirectory: join(options.base, `${server}-state`),
      listenPort: ports[server],
      peerPort: server === "primary" ? toSecondary : ports.primary,
      ...(server === "primary" ? primary : secondary),
      peerCertificate: (server === "primary" ? secondary : primary).certificate,
      pairKeyHex: "07".repeat(32),
      ...(options.transfer === undefined ? {} : { transfer: options.transfer }),
    });
    mkdirSync(options.base, { recursive: true });
    return new FileProcessPair(options, { primary: sideOf("primary"), secondary: sideOf("secondary") });
  }

  async start(server: Side, faults?: FileFaults): Promise<FileSideProcess> {
    const side = await FileSideProcess.start(this.#sides[server], this.logFile(server), faults);
    this.#running[server] = side;
    return side;
  }

  /** Starts both and gives them their roles. */
  async begin(continuous: boolean, epoch = 1): Promise<void> {
    await Promise.all([this.start("primary"), this.start("secondary")]);
    await this.takeRole("secondary", false, epoch);
    await this.takeRole("primary", continuous, epoch);
  }

  async takeRole(server: Side, continuous: boolean, epoch = 1): Promise<void> {
    const role = server === "primary" ? ({ role: "source", epoch, continuous } as const) : { role: "target", epoch };
    await this.side(server).ask("set-role", role as FileSideWork["set-role"]["asks"]);
  }

  side(server: Side): FileSideProcess {
    const side = this.#running[server];
    if (side === undefined) throw new Error(`the ${server} was not started`);
    return side;
  }

  logFile(server: Side): string {
    return join(this.#options.base, `${server}.log`);
  }

  logs(): string {
    const tailOf = (server: Side): string => {
      try {
        return `--- ${server}\n${readFileSync(this.logFile(server), "utf8").split("\n").slice(-15).join("\n")}`;
      } catch {
        return `--- ${server}: no log`;
      }
    };
    return `${tailOf("primary")}\n${tailOf("secondary")}`;
  }

  async end(): Promise<void> {
    await Promise.all(Object.values(this.#running).map((side) => side.kill()));
  }
}

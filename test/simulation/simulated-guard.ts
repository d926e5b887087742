import type { GuardReport, Lease } from "../../actor/core/lease.js";
import type { GuardFilesPort } from "../../actor/guard/guard-files-port.js";
import { runGuard, type GuardPorts } from "../../actor/guard/guard.js";
import type { SimulatedHost } from "./simulated-host.js";
import type { SimulatedProcess } from "./simulated-process.js";

/** The guard process of one server, and the two files between it and the actor. */
export class SimulatedGuard {
  readonly files: GuardFilesPort = {
    readLease: () => Promise.resolve(this.#lease),
    writeLease: (lease) => Promise.resolve(void (this.#lease = lease)),
    readReport: () => Promise.resolve(this.#report),
    writeReport: (report) => Promise.resolve(void (this.#report = report)),
  };
  isRunning = false;
  #lease: Lease | undefined;
  #report: GuardReport | undefined;
  #incarnation = 0;
  #renewals = 0;

  constructor(private readonly host: SimulatedHost) {}

  start(
    create: (isRunning: () => boolean) => SimulatedProcess,
    portsOf: (guard: SimulatedProcess) => Pick<GuardPorts, "clock" | "log" | "nameServer">,
  ): void {
    this.#incarnation += 1;
    this.isRunning = true;
    const { host } = this;
    const mine = this.#incarnation;
    const guard = create(() => this.#incarnation === mine);
    const take = <Result>(durationMs: number, act: () => Result): Promise<Result> =>
      new Promise((resolve) => {
        guard.schedule(durationMs, () => {
          resolve(act());
        });
      });
    const ports: GuardPorts = {
      ...portsOf(guard),
      random: { id: () => `${mine}-${this.#renewals++}` },
      files: this.files,
      managedSystem: {
        isServing: () => take(2, () => ({ serving: host.isAppRunning, isWhole: host.isAppRunning, because: "" })),
        stop: () =>
          take(host.world.random.between(50, host.world.stopSeconds * 1000), () => {
            host.stopApp();
          }),
      },
      areExternalResourcesAvailable: () => take(2, () => !host.world.network.isCut(host.name, "outside")),
    };
    // Nothing of a killed process ever runs again, so nothing has to be told to stop.
    void runGuard(ports, host.world.settings(host.name), new AbortController().signal);
  }

  kill(): void {
    this.#incarnation += 1;
    this.isRunning = false;
  }

  /** The files do not outlive the machine. */
  forget(): void {
    this.#lease = undefined;
    this.#report = undefined;
  }
}

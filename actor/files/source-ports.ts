import type { ClockPort, RandomPort } from "../../shared/core/clock-port.js";
import type { LoggerPort } from "../../shared/core/logger-port.js";
import type { Link } from "../link/link.js";
import type { OpenChangeSource } from "./change-source.js";
import type { ContentTime } from "./content-times.js";
import type { FolderStore } from "./folder-store.js";
import type { MountPoints } from "./mount-points.js";
import type { Settled } from "./settled-store.js";
import type { TransferLimits } from "./transfer-limits.js";

/** What the source's end of one folder works with. */
export interface SourcePorts {
  readonly link: Link;
  readonly clock: ClockPort;
  readonly random: RandomPort;
  readonly log: LoggerPort;
  readonly store: FolderStore;
  readonly limits: TransferLimits;
  readonly openChangeSource: OpenChangeSource;
  readonly mountPoints: MountPoints;
  readonly contentTimes: { get(): ContentTime; set(value: ContentTime): Promise<void> };
  /** What this source told the target last under the epoch, kept over a restart and over a pause. */
  readonly settled: {
    get(epoch: number): Omit<Settled, "epoch">;
    set(settled: Settled): Promise<void>;
  };
}

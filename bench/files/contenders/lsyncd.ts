import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UsageMeter } from "../../process-usage.js";
import { findProgram, missingProgram, startProgram } from "../../programs.js";
import type { Contender } from "../contender.js";
import { openRsyncWay } from "./rsync.js";

/** lsyncd: inotify, and one rsync for what has changed. Unencrypted. It watches only; `synchronise` is its beginning. */
export const lsyncd: Contender = {
  name: "lsyncd",
  missing: () => missingProgram("lsyncd") ?? missingProgram("rsync"),
  open: async (options) => {
    const { scratch, source, watchDelaySeconds = 0 } = options;
    const way = await openRsyncWay(options, false);
    mkdirSync(scratch, { recursive: true });
    const config = join(scratch, "lsyncd.lua");
    const rsyncBinary = findProgram("rsync") ?? "rsync";
    writeFileSync(
      config,
      [
        `settings { nodaemon = true, logfile = "${join(scratch, "lsyncd-events.log")}" }`,
        `sync { default.rsync, source = "${source}", target = "${way.url}", delay = ${watchDelaySeconds},`,
        `  rsync = { archive = true, binary = "${rsyncBinary}" } }`,
        "",
      ].join("\n"),
    );
    const program = startProgram("lsyncd", [config], join(scratch, "lsyncd.log"));
    const meter = new UsageMeter([program.pid, ...way.programs.map(({ pid }) => pid)]);
    return {
      synchronise: () => Promise.reject(new Error("lsyncd cannot be asked for one synchronisation")),
      usage: () => Promise.resolve(meter.now()),
      resetPeak: () => {
        meter.reset();
      },
      wireBytes: () => way.relay?.bytes() ?? Number.NaN,
      close: async () => {
        meter.stop();
        await program.end();
        await way.close();
      },
    };
  },
};

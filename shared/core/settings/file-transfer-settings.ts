import { z } from "zod";
import { cronSetting } from "./cron-setting.js";
import { setting } from "./setting.js";

/** How files are brought over; the same for all folders. */
export const fileTransferSettings = z.strictObject({
  connections: setting(z.int().min(1).max(3).default(2), {
    purpose:
      "How many batches of a folder's files are on their way at a time; all folders together use three connections at most.",
    unit: "count",
    scope: "pair",
    restart: true,
  }),
  compress: setting(z.boolean().default(false), {
    purpose: "Whether files are compressed on the way where that saves a tenth at least; for lines below 1 Gbit/s.",
    scope: "pair",
    restart: true,
  }),
  bandwidthBytesPerSecond: setting(z.int().min(0).max(100_000_000_000).default(0), {
    purpose: "How much of the line each folder may use, counted before compression; 0 for all of it.",
    scope: "pair",
    restart: true,
  }),
  syncToDisk: setting(z.boolean().default(true), {
    purpose: "Whether files are on the target's disk itself before they count as brought over; if not, in its memory.",
    scope: "pair",
    restart: true,
  }),
  blockwiseFromBytes: setting(z.int().min(4_194_304).max(1_000_000_000_000).default(8_388_608), {
    purpose: "Of files of this size and above only the changed blocks of 64 KiB are sent.",
    unit: "bytes",
    scope: "pair",
    restart: true,
  }),
  contentAnalysisSeconds: setting(z.number().min(0).max(31_536_000).default(0), {
    purpose:
      "How often all files are read on both sides and compared by content, which finds silent damage; 0 for never.",
    unit: "seconds",
    scope: "pair",
    restart: true,
  }),
  contentAnalysisAt: setting(cronSetting.default(""), {
    purpose:
      "When they are besides, as a cron line (minute hour day month weekday) in the server's local time; empty: only by the interval.",
    scope: "pair",
    restart: true,
  }),
});

export type FileTransferSettings = z.output<typeof fileTransferSettings>;

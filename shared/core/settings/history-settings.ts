import { z } from "zod";
import { setting } from "./setting.js";

export const historySettings = z.strictObject({
  fileBytes: setting(z.int().min(10_000).max(1_000_000_000).default(5_000_000), {
    purpose: "How large a file of the history may become before the next one is begun.",
    unit: "bytes",
    scope: "server",
    restart: true,
  }),
  files: setting(z.int().min(2).max(1000).default(10), {
    purpose: "How many files of the history are kept; the oldest one leaves.",
    unit: "count",
    scope: "server",
    restart: true,
  }),
});

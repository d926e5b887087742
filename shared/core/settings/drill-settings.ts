import { z } from "zod";
import { cronSetting } from "./cron-setting.js";
import { setting } from "./setting.js";

const argumentList = z.array(z.string()).min(1).max(64);

const drillApplication = z.strictObject({
  start: setting(argumentList, {
    purpose: "Starts the application for a drill, apart from the one that serves: on a port of its own, on loopback.",
    scope: "server",
    restart: true,
  }),
  stop: setting(argumentList, {
    purpose: "Stops what start has started; exits 0 when it is gone.",
    scope: "server",
    restart: true,
  }),
  testPort: setting(z.int().min(1).max(65535), {
    purpose: "Port on 127.0.0.1 at which it answers then; another one than the managed system's.",
    scope: "server",
    restart: true,
  }),
  limitSeconds: setting(z.number().min(1).max(3600).default(120), {
    purpose: "How long start may take until the test page is answered, and stop until it is gone.",
    unit: "seconds",
    scope: "server",
    restart: true,
  }),
});
export type DrillApplicationSettings = z.output<typeof drillApplication>;

export const drillSettings = z.strictObject({
  schedule: setting(cronSetting.default(""), {
    purpose:
      "When the spare holds a drill, as a cron line (minute hour day month weekday); empty: only when asked for.",
    scope: "pair",
    restart: true,
  }),
  sampledFiles: setting(z.int().min(0).max(10_000).default(100), {
    purpose: "How many files of each folder are compared with the active server's by content.",
    unit: "count",
    scope: "pair",
  }),
  application: drillApplication.optional(),
});

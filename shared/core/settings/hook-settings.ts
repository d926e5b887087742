import { z } from "zod";
import { operationKinds } from "../status.js";
import { itemName } from "./data-settings.js";
import { setting } from "./setting.js";

/** Programs of the administrator around operations: without a shell, each argument as it stands here. */
export const hookSettings = z.strictObject({
  name: setting(itemName, {
    purpose: "Name of the hook in plans, logs and kept operations.",
    scope: "server",
    restart: true,
  }),
  when: setting(z.enum(["before", "after"]), {
    purpose: "before: an exit code other than 0 keeps the operation from being done; after: it is only noted.",
    scope: "server",
    restart: true,
  }),
  operations: setting(
    z
      .array(z.enum(operationKinds))
      .min(1)
      .default([...operationKinds]),
    {
      purpose: "Around which operations it runs; left out: all.",
      scope: "server",
      restart: true,
    },
  ),
  command: setting(z.array(z.string()).min(1).max(64), {
    purpose:
      "The program and its arguments; nothing is replaced in them. What it is about stands in SPARESYNC_… variables.",
    scope: "server",
    restart: true,
  }),
  limitSeconds: setting(z.number().min(0.1).max(3600).default(60), {
    purpose: "It is killed, with all it has started, when it takes longer.",
    unit: "seconds",
    scope: "server",
    restart: true,
  }),
});
export type HookSettings = z.output<typeof hookSettings>;

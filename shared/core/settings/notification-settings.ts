import { z } from "zod";
import { parseAlertOverride } from "../alert-override.js";
import { setting } from "./setting.js";

const override = z.string().superRefine((text, context) => {
  const parsed = parseAlertOverride(text);
  if (typeof parsed === "string") context.addIssue({ code: "custom", message: parsed });
});

const webAddress = z.union([z.literal(""), z.url({ protocol: /^https?$/ })]);

/** How people are told; alerts and mail follow the same rules. */
export const notificationSettings = z.strictObject({
  overrides: setting(z.array(override).max(100).default([]), {
    purpose:
      "Delay and frequency of single codes in seconds, as CODE:delay:frequency, such as MainAppInvisible:60:86400; the frequency - says it once.",
    scope: "pair",
  }),
  runbookUrl: setting(webAddress.default(""), {
    purpose: "Web address of the folder with your copy of docs/runbooks; messages link to the runbook of their code.",
    scope: "pair",
  }),
  grafanaUrl: setting(webAddress.default(""), {
    purpose: "Web address of your Grafana; messages link to the dashboard that shows what they are about.",
    scope: "pair",
  }),
});

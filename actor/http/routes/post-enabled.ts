import { z } from "zod";
import { defineRoute } from "../route.js";

export const postEnabled = defineRoute({
  method: "POST",
  path: "/v1/enabled",
  purpose: "Turns synchronisation and automatic switching on or off, for the pair when connected.",
  access: "operator",
  body: z.strictObject({ enabled: z.boolean(), reason: z.string().trim().min(1).max(500) }),
  answer: async ({ actor, body, callerName }) => {
    const { isEnabled } = actor.status();
    await actor.setEnabled(body.enabled, callerName, body.reason);
    const { isConnected } = actor.status().peer;
    const changed = isEnabled !== body.enabled;
    return { status: 200, body: { enabled: body.enabled, changed, isPeerConnected: isConnected } };
  },
});

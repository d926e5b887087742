import { z } from "zod";
import { longestPauseSeconds } from "../../../shared/core/longest-pause.js";
import { defineRoute } from "../route.js";

export const postPause = defineRoute({
  method: "POST",
  path: "/v1/pause",
  purpose: "Pauses automatic switching for some time, for the pair when connected; ends by itself.",
  access: "operator",
  body: z.strictObject({
    forSeconds: z.int().min(1).max(longestPauseSeconds),
    reason: z.string().trim().min(1).max(500),
  }),
  answer: async ({ actor, body, callerName }) => {
    await actor.pause(callerName, body.reason, body.forSeconds);
    const { pause, peer } = actor.status();
    return { status: 200, body: { untilMs: pause?.untilMs ?? 0, isPeerConnected: peer.isConnected } };
  },
});

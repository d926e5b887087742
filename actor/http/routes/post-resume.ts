import { z } from "zod";
import { defineRoute } from "../route.js";

export const postResume = defineRoute({
  method: "POST",
  path: "/v1/resume",
  purpose: "Ends the pause of automatic switching before its time, for the pair when connected.",
  access: "operator",
  body: z.strictObject({}),
  answer: async ({ actor, callerName }) => {
    const changed = await actor.resume(callerName);
    return { status: 200, body: { changed, isPeerConnected: actor.status().peer.isConnected } };
  },
});

import { z } from "zod";
import { defineRoute } from "../route.js";

export const postFilesApprove = defineRoute({
  method: "POST",
  path: "/v1/files/approve",
  purpose:
    "Says that what is missing on the source of a folder was really removed, so that the target may follow; on a target, that its disk was replaced on purpose.",
  access: "operator",
  body: z.strictObject({ folder: z.string().min(1).max(63), shown: z.string().max(64).optional() }),
  answer: async ({ actor, callerName, body }) => {
    await actor.approveFolder(body.folder, callerName, body.shown);
    return { status: 200, body: {} };
  },
});

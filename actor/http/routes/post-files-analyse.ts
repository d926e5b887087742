import { z } from "zod";
import { defineRoute } from "../route.js";

export const postFilesAnalyse = defineRoute({
  method: "POST",
  path: "/v1/files/analyse",
  purpose: "Has a folder, or all of them, compared in full soon, by content if so said; 409 unless this server sends.",
  access: "operator",
  body: z.strictObject({ folder: z.string().min(1).max(63).optional(), hasContent: z.boolean().default(false) }),
  answer: async ({ actor, callerName, body }) => ({
    status: 202,
    body: { folders: await actor.analyseFolders(body, callerName), hasContent: body.hasContent },
  }),
});

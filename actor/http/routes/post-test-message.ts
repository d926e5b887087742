import { z } from "zod";
import { messageCodes } from "../../../shared/core/message-catalogue.js";
import { defineRoute } from "../route.js";

export const postTestMessage = defineRoute({
  method: "POST",
  path: "/v1/messages/test",
  purpose: "Sends a test message by mail and answers when the mail server has taken it.",
  access: "operator",
  body: z.strictObject({ code: z.enum(messageCodes).default("MainAppInvisible") }),
  answer: async ({ actor, body, callerName }) => {
    await actor.sendTestMessage(body.code, callerName);
    return { status: 200, body: { code: body.code, sent: true } };
  },
});

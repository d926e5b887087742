import { AppError } from "../../../shared/core/app-error.js";
import { defineRoute } from "../route.js";

const defaultExamples = 20;
const mostExamples = 200;

export const getDivergence = defineRoute({
  method: "GET",
  path: "/v1/divergence",
  purpose:
    "What the lost server had and the other never got, and what a reverse synchronisation keeps aside; `examples` (20, at most 200) of each report.",
  // Rows of the customer: not for everybody who may look at the state.
  access: "operator",
  answer: async ({ actor, query }) => ({
    status: 200,
    body: await actor.readDivergence(readExamples(query["examples"])),
  }),
});

function readExamples(text: string | undefined): number {
  if (text === undefined) return defaultExamples;
  if (/^\d{1,3}$/.test(text) && Number(text) <= mostExamples) return Number(text);
  throw new AppError("REQUEST_INVALID", `examples: ${JSON.stringify(text.slice(0, 20))} is not a number from 0 to 200`);
}

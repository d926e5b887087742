import { defineRoute } from "../route.js";

export const getDatabaseTask = defineRoute({
  method: "GET",
  path: "/v1/databases/:name/task",
  purpose: "The last task of a database, with what a comparison found.",
  access: "viewer",
  answer: ({ databases, params }) => ({
    status: 200,
    body: { task: databases.last(params["name"] ?? "") ?? null },
  }),
});

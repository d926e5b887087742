import { databaseTaskRequest } from "../../core/database-task.js";
import { defineRoute } from "../route.js";

export const postDatabaseTask = defineRoute({
  method: "POST",
  path: "/v1/databases/:name/task",
  purpose: "Compares both sides of a database, copies it anew, or declares both sides identical.",
  access: "operator",
  body: databaseTaskRequest,
  answer: ({ databases, params, body, callerName }) => ({
    status: 202,
    body: { task: databases.begin(params["name"] ?? "", body, callerName) },
  }),
});

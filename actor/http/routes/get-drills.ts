import { defineRoute } from "../route.js";

export const getDrills = defineRoute({
  method: "GET",
  path: "/v1/drills",
  purpose: "The drills held on this server, newest first, each with what was rehearsed and measured.",
  access: "viewer",
  answer: ({ actor }) => ({ status: 200, body: { drills: actor.drills() } }),
});

import { defineRoute } from "../route.js";

export const getFiles = defineRoute({
  method: "GET",
  path: "/v1/files",
  purpose: "The files of each folder that cannot be synchronised, with the reasons, and what waits for an approval.",
  access: "viewer",
  answer: ({ actor }) => ({ status: 200, body: { folders: actor.folderErrors() } }),
});

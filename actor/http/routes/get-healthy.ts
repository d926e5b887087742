import { defineRoute } from "../route.js";

export const getHealthy = defineRoute({
  method: "GET",
  path: "/-/healthy",
  purpose: "Says that the listener answers; nothing about the pair.",
  access: "anyone",
  answer: () => ({ status: 200, body: { healthy: true } }),
});

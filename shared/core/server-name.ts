import { z } from "zod";

/** The two servers' names, for life: they never swap, whichever of them serves. */
export const serverNames = ["primary", "secondary"] as const;
export const serverName = z.enum(serverNames);
export type ServerName = z.infer<typeof serverName>;

/** The other server of the pair. */
export function otherServer(server: ServerName): ServerName {
  return server === "primary" ? "secondary" : "primary";
}

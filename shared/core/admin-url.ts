import { formatHostAndPort } from "./host-and-port.js";
import type { Settings } from "./settings/settings.js";

const everywhere: readonly string[] = ["0.0.0.0", "::"];

/** Where people reach the admin listener. One at all addresses is reached at the address that users know of its server. */
export function adminUrl({
  admin,
  managedSystem,
  server,
}: Pick<Settings, "admin" | "managedSystem" | "server">): string {
  const { host: listened, port } = admin.listen;
  const host = everywhere.includes(listened) ? managedSystem.publicAddresses[server].host : listened;
  return `${admin.transport}://${formatHostAndPort({ host, port })}`;
}

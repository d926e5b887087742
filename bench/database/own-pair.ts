import { testSettings } from "../../test/support/database-fixture.js";
import { SyncPair } from "../../test/support/sync-pair.js";
import type { DatabaseSettings } from "../../shared/core/settings/settings.js";
import type { Clusters } from "./clusters.js";

/** Both halves of the product in this process: for what is asked of it rather than written into a database. */
export async function openOwnPair(clusters: Clusters, changes: Partial<DatabaseSettings> = {}): Promise<SyncPair> {
  const [a, b] = clusters.servers.map(({ port }) => testSettings("postgresql", port, "shop"));
  if (!a || !b) throw new Error("there are two servers");
  const pair = await SyncPair.create([a, b], changes);
  await pair.parts.a.setRole({ role: "source", epoch: 1, continuous: false });
  await pair.parts.b.setRole({ role: "target", epoch: 1 });
  await pair.parts.a.synchronise(never);
  return pair;
}

export const never = new AbortController().signal;

import type { Collector } from "../collector.js";
import { certificates } from "./certificates.js";
import { databases } from "./databases.js";
import { dns } from "./dns.js";
import { events } from "./events.js";
import { drill } from "./drill.js";
import { exporter } from "./exporter.js";
import { externalResources } from "./external-resources.js";
import { files } from "./files.js";
import { maintenance } from "./maintenance.js";
import { managedSystem } from "./managed-system.js";
import { operations } from "./operations.js";
import { ownership } from "./ownership.js";
import { peer } from "./peer.js";
import { recoveryPoint } from "./recovery-point.js";
import { requests } from "./requests.js";
import { state } from "./state.js";
import { switchover } from "./switchover.js";

/** All collectors. Each has its `sparesync_scrape_collector_success`. */
export const collectors: readonly Collector[] = [
  exporter,
  state,
  managedSystem,
  externalResources,
  ownership,
  peer,
  dns,
  recoveryPoint,
  files,
  databases,
  switchover,
  maintenance,
  operations,
  drill,
  events,
  requests,
  certificates,
];

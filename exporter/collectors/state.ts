import { sample } from "../../shared/core/metric-catalogue.js";
import { stateNames } from "../../shared/core/states.js";
import type { Collector } from "../collector.js";

/** State of this server and of its peer: also there, as unknown and not connected, while the actor does not answer. */
export const state: Collector = {
  name: "state",
  collect({ status }) {
    const own = status?.state ?? "unknown";
    const peer = status?.peer.state ?? "unknown";
    return [
      sample("sparesync_actor_up", status !== undefined),
      ...stateNames.map((name) => sample("sparesync_state", name === own, { state: name })),
      ...stateNames.map((name) => sample("sparesync_peer_state", name === peer, { state: name })),
      sample("sparesync_peer_connected", status?.peer.isConnected ?? false),
    ];
  },
};

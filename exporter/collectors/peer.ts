import { sample, seconds, type Sample } from "../../shared/core/metric-catalogue.js";
import { statusCollector } from "../collector.js";

/** The other server as this one's actor knows it, and the listeners it and operators need. */
export const peer = statusCollector("peer", (status) => [
  sample("sparesync_peer_stopped", status.peer.state === "stopped"),
  sample("sparesync_peer_last_seen_timestamp_seconds", seconds(status.peer.lastSeenMs)),
  sample("sparesync_peer_round_trip_seconds", status.peer.roundTripSeconds),
  sample("sparesync_peer_clock_offset_seconds", status.peer.clockOffsetSeconds),
  ...whereKnown("sparesync_admin_listening", status.listeners.admin),
  ...whereKnown("sparesync_link_listening", status.listeners.link),
]);

type Listening = "sparesync_admin_listening" | "sparesync_link_listening";

/** Of a listener that was not tried yet, or is closed because the actor stops, there is no series. */
function whereKnown(name: Listening, isListening: boolean | undefined): readonly Sample[] {
  return isListening === undefined ? [] : [sample(name, isListening)];
}

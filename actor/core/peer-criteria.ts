import type { Criterion } from "./failover-facts.js";

/** What the peer has said of itself. */
export const peerCriteria = [
  {
    name: "peer-not-stopped-in-order",
    meaning: "the peer has not announced an orderly stop, or `failover.whenPeerStopped` is set",
    otherwise: "stay",
    isMet: (f, l) => !f.hasPeerAnnouncedStop || l.whenPeerStopped,
    because: (f, l) => {
      if (!f.hasPeerAnnouncedStop) return "the peer has not announced a stop";
      return l.whenPeerStopped
        ? "the peer was stopped in order, which failover.whenPeerStopped takes for a loss"
        : "the peer was stopped in order";
    },
  },
  {
    name: "peer-not-turned-off",
    meaning: "the peer was not last seen turned off",
    otherwise: "stay",
    isMet: (f) => f.peerLastState !== "turned_off",
    because: (f) =>
      f.peerLastState === undefined ? "the peer was not seen yet" : `the peer was last seen ${f.peerLastState}`,
  },
  {
    name: "connected-switch-allowed",
    meaning:
      "the peer is not connected, or it says that its managed system is down and `failover.whenConnected` is set",
    otherwise: "stay",
    isMet: (f, l) => !f.isPeerConnected || (l.whenConnected && f.peerSaysDown),
    because: (f, l) => {
      if (!f.isPeerConnected) return "the peer is not connected";
      if (!f.peerSaysDown) return "the peer is connected and says that its managed system serves";
      return l.whenConnected ? "the peer says that its managed system is down" : "failover.whenConnected is off";
    },
  },
] as const satisfies readonly Criterion[];

import { coverWholeWeek } from "../service-intervals.js";
import { repeatedNames } from "./list-relations.js";
import { relation, unless, type SettingRelation } from "./setting-relation.js";

/** Times and counts by which a failover is decided: each is allowed, and together they might never let one begin. */
export const failoverRelations: readonly SettingRelation[] = [
  relation(["failover"], ({ failover: { probeSeconds, allowedUnavailabilitySeconds } }) =>
    unless(probeSeconds < allowedUnavailabilitySeconds, () => ({
      paths: [
        ["failover", "probeSeconds"],
        ["failover", "allowedUnavailabilitySeconds"],
      ],
      because: `${allowedUnavailabilitySeconds} s without the managed system would pass between two probes (${probeSeconds} s)`,
      hint: "set failover.probeSeconds below allowedUnavailabilitySeconds, at most to half of it",
    })),
  ),
  relation(["failover"], ({ failover: { probesFailed, probesConsidered } }) =>
    unless(probesFailed <= probesConsidered, () => ({
      paths: [
        ["failover", "probesFailed"],
        ["failover", "probesConsidered"],
      ],
      because: `${probesFailed} probes must have failed, but only the last ${probesConsidered} are considered`,
      hint: "consider more probes or require fewer",
    })),
  ),
  relation(["failover"], ({ failover: { probesFailed, probeSeconds, allowedUnavailabilitySeconds: allowed } }) =>
    unless((probesFailed - 1) * probeSeconds <= allowed, () => ({
      paths: [
        ["failover", "probesFailed"],
        ["failover", "probeSeconds"],
      ],
      because: `${probesFailed} failed probes, one every ${probeSeconds} s, are not there before the ${allowed} s allowed are over`,
      hint: "probe more often or require fewer failed probes",
    })),
  ),
  relation(["failover"], ({ failover: { askValidSeconds, allowedUnavailabilitySeconds } }) =>
    unless(askValidSeconds >= allowedUnavailabilitySeconds, () => ({
      paths: [
        ["failover", "askValidSeconds"],
        ["failover", "allowedUnavailabilitySeconds"],
      ],
      because: `what was asked is forgotten after ${askValidSeconds} s, and until a failover may begin ${allowedUnavailabilitySeconds} s pass`,
      hint: "set failover.askValidSeconds to at least allowedUnavailabilitySeconds",
    })),
  ),
  relation(["failover", "externalResources"], ({ failover, externalResources: { required, recoverySeconds } }) =>
    unless(required === 0 || recoverySeconds <= failover.allowedUnavailabilitySeconds, () => ({
      paths: [
        ["externalResources", "recoverySeconds"],
        ["failover", "allowedUnavailabilitySeconds"],
      ],
      because: `after each short loss of its own line the standby would wait ${recoverySeconds} s, longer than the ${failover.allowedUnavailabilitySeconds} s allowed for the managed system`,
      hint: "set externalResources.recoverySeconds to at most failover.allowedUnavailabilitySeconds",
    })),
  ),
  relation(["failover"], ({ failover: { vantages } }) => repeatedNames("failover.vantages", vantages)),
  relation(["serviceIntervals"], ({ serviceIntervals }) =>
    unless(!coverWholeWeek(serviceIntervals), () => ({
      paths: [["serviceIntervals", "intervals"]],
      because: "the service intervals leave no time of the week in which a failover could begin",
      hint: "shorten them; to switch only by hand set failover.automatic to false",
    })),
  ),
];

import { failoverRelations } from "./failover-relations.js";
import { isLoopbackHost } from "../loopback.js";
import {
  brokenMoreNames,
  drillAtServedPort,
  isInsideZone,
  foldersWithState,
  overlappingFolders,
  repeatedNames,
  sharedListeners,
} from "./list-relations.js";
import { findMailProblems } from "./mail-relations.js";
import { relation, unless, type BrokenRelation, type SettingRelation } from "./setting-relation.js";
import type { Settings } from "./settings.js";
import { witnessRelations } from "./witness-relations.js";

const settingRelations: readonly SettingRelation[] = [
  relation(["ownership"], ({ ownership: { confirmSeconds, selfFenceSeconds } }) =>
    unless(confirmSeconds * 3 <= selfFenceSeconds, () => ({
      paths: [
        ["ownership", "confirmSeconds"],
        ["ownership", "selfFenceSeconds"],
      ],
      because: `with a confirmation every ${confirmSeconds} s, two lost answers use up the ${selfFenceSeconds} s after which the server stops itself`,
      hint: `set ownership.confirmSeconds to at most ${selfFenceSeconds / 3} (a third of selfFenceSeconds)`,
    })),
  ),
  relation(["ownership", "dns"], ({ ownership: { confirmSeconds }, dns: { limitSeconds } }) =>
    unless(limitSeconds < confirmSeconds, () => ({
      paths: [
        ["dns", "limitSeconds"],
        ["ownership", "confirmSeconds"],
      ],
      because: `a question to the name server may take ${limitSeconds} s, and the next confirmation is due after ${confirmSeconds} s`,
      hint: "set dns.limitSeconds below ownership.confirmSeconds",
    })),
  ),
  relation(["link"], ({ link: { heartbeatSeconds, inactiveAfterSeconds } }) =>
    unless(heartbeatSeconds * 2 <= inactiveAfterSeconds, () => ({
      paths: [
        ["link", "heartbeatSeconds"],
        ["link", "inactiveAfterSeconds"],
      ],
      because: `with a heartbeat every ${heartbeatSeconds} s, one lost message counts as a lost connection after ${inactiveAfterSeconds} s`,
      hint: "set link.inactiveAfterSeconds to at least twice heartbeatSeconds",
    })),
  ),
  relation(["link"], ({ link: { listen, peer } }) =>
    unless(listen.host !== peer.host || listen.port !== peer.port, () => ({
      paths: [
        ["link", "peer"],
        ["link", "listen"],
      ],
      because: "the peer's address is this server's own: the actor would talk to itself",
      hint: "set link.peer to the address of the other server's actor",
    })),
  ),
  relation(["admin"], ({ admin: { transport, listen } }) =>
    unless(transport === "https" || isLoopbackHost(listen.host), () => ({
      paths: [
        ["admin", "transport"],
        ["admin", "listen"],
      ],
      because: `access tokens would cross the network in clear text (the listener is at ${listen.host})`,
      hint: "use https, or listen on 127.0.0.1",
    })),
  ),
  relation(["admin"], ({ admin: { transport, webhookClientsFile } }) =>
    unless(transport === "https" || webhookClientsFile === undefined, () => ({
      paths: [
        ["admin", "webhookClientsFile"],
        ["admin", "transport"],
      ],
      because: "nobody shows a certificate to a listener that speaks plain HTTP",
      hint: "use https, or let Alertmanager sign in with a token alone",
    })),
  ),
  relation(["dns"], ({ dns: { name, zone } }) =>
    unless(isInsideZone(name, zone), () => ({
      paths: [
        ["dns", "name"],
        ["dns", "zone"],
      ],
      because: `the name ${name} is not inside the zone ${zone}`,
      hint: `write the whole name, such as app.${zone}, or correct the zone`,
    })),
  ),
  relation(["dns"], ({ dns }) => brokenMoreNames(dns)),
  relation(["dns"], ({ dns: { addresses } }) => {
    const shared = addresses.secondary.filter((address) => addresses.primary.includes(address));
    return unless(shared.length === 0, () => ({
      paths: [
        ["dns", "addresses", "secondary"],
        ["dns", "addresses", "primary"],
      ],
      because: `${shared.join(", ")} belongs to both servers, so the name would not say which one it points to`,
      hint: "give each server addresses of its own",
    }));
  }),
  relation(["managedSystem"], ({ managedSystem: { publicAddresses: at } }) =>
    unless(at.primary.host !== at.secondary.host || at.primary.port !== at.secondary.port, () => ({
      paths: [
        ["managedSystem", "publicAddresses", "secondary"],
        ["managedSystem", "publicAddresses", "primary"],
      ],
      because: "both servers have the same public address, so the active one could not be told from the spare",
      hint: "write each server's own address, not the name that moves between them",
    })),
  ),
  ...failoverRelations,
  ...witnessRelations,
  relation(["serviceIntervals"], ({ serviceIntervals: { intervals } }) =>
    repeatedNames("serviceIntervals.intervals", intervals),
  ),
  relation(["externalResources"], ({ externalResources: { required, resources } }) =>
    unless(required <= resources.length, () => ({
      paths: [
        ["externalResources", "required"],
        ["externalResources", "resources"],
      ],
      because: `${required} resources must be reachable, but only ${resources.length} are listed`,
      hint: "list more resources or require fewer",
    })),
  ),
  relation(["databases"], ({ databases }) =>
    databases.flatMap(({ name, tls, address }, index) =>
      unless(tls !== "off" || isLoopbackHost(address.host), () => ({
        paths: [
          ["databases", index, "tls"],
          ["databases", index, "address"],
        ],
        because: `the rows and the password of ${name} would cross the network in clear text (to ${address.host})`,
        hint: "use verify or encrypt, or a database on 127.0.0.1",
      })),
    ),
  ),
  relation(["notifications"], findMailProblems),
  relation(["link", "admin", "exporter"], sharedListeners),
  relation(["folders"], ({ folders }) => repeatedNames("folders", folders)),
  relation(["databases"], ({ databases }) => repeatedNames("databases", databases)),
  relation(["drill", "managedSystem"], drillAtServedPort),
  relation(["hooks"], ({ hooks }) => repeatedNames("hooks", hooks)),
  relation(["externalResources"], ({ externalResources: { resources } }) =>
    repeatedNames("externalResources.resources", resources),
  ),
  relation(["folders"], ({ folders }) => overlappingFolders(folders)),
  relation(["folders", "stateDirectory"], foldersWithState),
];

export type { BrokenRelation } from "./setting-relation.js";

/** All broken relations between settings. Sections that are absent (not valid by themselves) are left out. */
export function findBrokenRelations(settings: Partial<Settings>): readonly BrokenRelation[] {
  return (
    settingRelations
      .filter(({ needs }) => needs.every((section) => settings[section] !== undefined))
      // A relation reads only the sections it needs, and those are there.
      .flatMap(({ find }) => find(settings as Settings))
  );
}

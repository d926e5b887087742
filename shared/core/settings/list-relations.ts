import type { BrokenRelation } from "./setting-relation.js";
import type { FolderSettings, Settings } from "./settings.js";

/** Items of a list that have the name of an earlier one: they are matched between the servers by name. */
export function repeatedNames(list: string, items: readonly { readonly name: string }[]): readonly BrokenRelation[] {
  const place = list.split(".");
  return items.flatMap(({ name }, index): BrokenRelation[] => {
    const first = items.findIndex((item) => item.name === name);
    if (first === index) return [];
    return [
      {
        paths: [
          [...place, index, "name"],
          [...place, first, "name"],
        ],
        because: `the name ${name} is given twice`,
        hint: "give each its own name, the same on both servers",
      },
    ];
  });
}

/** Folders of which one is, or lies inside, another: each file would be copied and deleted by two owners. */
export function overlappingFolders(folders: readonly FolderSettings[]): readonly BrokenRelation[] {
  return folders.flatMap((inner, index) =>
    folders.flatMap((outer, other): BrokenRelation[] => {
      const isSame = normalise(inner.path) === normalise(outer.path);
      if (other === index || (isSame && other > index)) return [];
      if (!normalise(inner.path).startsWith(normalise(outer.path))) return [];
      return [
        {
          paths: [
            ["folders", index, "path"],
            ["folders", other, "path"],
          ],
          because: `the folder ${inner.name} ${isSame ? "is the same as" : "lies inside"} ${outer.name} (${outer.path})`,
          hint: "synchronise the outer folder only",
        },
      ];
    }),
  );
}

/** A synchronised folder around SpareSync's own state: the state of one server would be copied over the other's. */
export function foldersWithState({ folders, stateDirectory }: Settings): readonly BrokenRelation[] {
  return folders.flatMap(({ name, path }, index): BrokenRelation[] => {
    if (
      !normalise(stateDirectory).startsWith(normalise(path)) &&
      !normalise(path).startsWith(normalise(stateDirectory))
    )
      return [];
    return [
      {
        paths: [["stateDirectory"], ["folders", index, "path"]],
        because: `the folder ${name} (${path}) and the state directory lie inside each other`,
        hint: "keep SpareSync's state outside the folders that are synchronised",
      },
    ];
  });
}

/** Two listeners of this server on one port: the second could not start. */
export function sharedListeners({ link, admin, exporter }: Settings): readonly BrokenRelation[] {
  const listeners = [
    { section: "link", ...link.listen },
    { section: "admin", ...admin.listen },
    { section: "exporter", ...exporter.listen },
  ];
  return listeners.flatMap((listener, index) =>
    listeners
      .slice(0, index)
      .filter(
        (earlier) =>
          earlier.port === listener.port && (earlier.host === listener.host || isAny(earlier.host, listener.host)),
      )
      .map((earlier): BrokenRelation => ({
        paths: [
          [listener.section, "listen"],
          [earlier.section, "listen"],
        ],
        because: `port ${listener.port} of ${listener.host} is already that of ${earlier.section}.listen`,
        hint: "give each listener a port of its own",
      })),
  );
}

function isAny(...hosts: readonly string[]): boolean {
  return hosts.some((host) => host === "0.0.0.0" || host === "::");
}

/** One spelling per folder: forward slashes, no "." or ".." or doubled slashes, one slash at the end. */
function normalise(path: string): string {
  const parts: string[] = [];
  for (const part of path.replaceAll("\\", "/").split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return `${/^[\\/]/.test(path) ? "/" : ""}${parts.map((part) => `${part}/`).join("")}`;
}

/** Names that move beside the main one: each lies in the zone, once, with addresses or as an alias. */
export function brokenMoreNames({ name, zone, moreNames }: Settings["dns"]): readonly BrokenRelation[] {
  return moreNames.flatMap((more, index): BrokenRelation[] => {
    const paths = [["dns", "moreNames", index, "name"]] as const;
    if (!isInsideZone(more.name, zone)) {
      const hint = "one update changes one zone: leave the name out, or give it a name in this zone";
      return [{ paths, because: `the name ${more.name} is not inside the zone ${zone}`, hint }];
    }
    const others = [name, ...moreNames.slice(0, index).map((one) => one.name)].map(plainName);
    if (others.includes(plainName(more.name))) {
      return [{ paths, because: `the name ${more.name} is given twice`, hint: "leave one of them out" }];
    }
    if (more.addresses === undefined || more.alias === undefined) return [];
    const because = `the name ${more.name} has addresses and is an alias`;
    return [{ paths, because, hint: "a name is one or the other: leave out addresses or alias" }];
  });
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

export function isInsideZone(name: string, zone: string): boolean {
  const [inner, outer] = [plainName(name), plainName(zone)];
  return outer === "" || inner === outer || inner.endsWith(`.${outer}`);
}

/** What a drill starts must not come up where users, or the test page, look for the managed system. */
export function drillAtServedPort({ drill: { application }, managedSystem }: Settings): readonly BrokenRelation[] {
  const { localAddress, publicAddresses } = managedSystem;
  const served = [localAddress, publicAddresses.primary, publicAddresses.secondary].map(({ port }) => port);
  if (application === undefined || !served.includes(application.testPort)) return [];
  return [
    {
      paths: [
        ["drill", "application", "testPort"],
        ["managedSystem", "localAddress"],
      ],
      because: `at port ${application.testPort} the managed system itself is reached`,
      hint: "give the application that a drill starts a port of its own, on loopback only",
    },
  ];
}

import { settingsSchema, type Settings } from "../../shared/core/settings/settings.js";

/** The smallest settings file that is valid: only the required keys. */
export const smallestSettings = `pair: shop
server: primary
link:
  listen: { host: 192.0.2.1, port: 7401 }
  peer: { host: 192.0.2.2, port: 7401 }
admin:
  listen: { host: 192.0.2.1, port: 7402 }
exporter:
  listen: { host: 192.0.2.1, port: 7403 }
ownership:
  updateServerSite: elsewhere
dns:
  updateServer: { host: 192.0.2.53, port: 53 }
  zone: example.org
  name: shop.example.org
  addresses:
    primary: [192.0.2.1]
    secondary: [192.0.2.2]
  tsig:
    keyName: sparesync-shop
managedSystem:
  controls:
    - kind: command
      name: web
      start: [systemctl, start, web]
      stop: [systemctl, stop, web]
      status: [systemctl, is-active, web]
  testPage: {}
  localAddress: { host: 127.0.0.1, port: 80 }
  publicAddresses:
    primary: { host: 192.0.2.1, port: 80 }
    secondary: { host: 192.0.2.2, port: 80 }
`;

/** Valid settings with two folders and a database, for tests of pure functions. */
export function exampleSettings(change: (input: ExampleInput) => void = () => undefined): Settings {
  const input = exampleInput();
  change(input);
  return settingsSchema.parse(input);
}

export type ExampleInput = ReturnType<typeof exampleInput> & Record<string, unknown>;

function exampleInput() {
  return {
    pair: "shop",
    server: "primary",
    stateDirectory: "/var/lib/sparesync",
    link: {
      listen: { host: "192.0.2.1", port: 7401 },
      peer: { host: "192.0.2.2", port: 7401 },
      heartbeatSeconds: 5,
      inactiveAfterSeconds: 15,
    },
    admin: { listen: { host: "192.0.2.1", port: 7402 }, transport: "https" },
    exporter: { listen: { host: "192.0.2.1", port: 7403 } },
    ownership: { updateServerSite: "elsewhere", confirmSeconds: 10, selfFenceSeconds: 60 },
    dns: {
      updateServer: { host: "192.0.2.53", port: 53 },
      zone: "example.org",
      name: "shop.example.org",
      addresses: { primary: ["192.0.2.1"], secondary: ["192.0.2.2"] },
      tsig: { keyName: "sparesync-shop" },
      limitSeconds: 3,
    },
    failover: { probeSeconds: 60, allowedUnavailabilitySeconds: 120 },
    managedSystem: {
      controls: [{ kind: "app-offline", directory: "/srv/web" }],
      testPage: { expectedText: "fine" },
      localAddress: { host: "127.0.0.1", port: 80 },
      publicAddresses: { primary: { host: "192.0.2.1", port: 80 }, secondary: { host: "192.0.2.2", port: 80 } },
    },
    folders: [
      { name: "uploads", path: "/srv/uploads" },
      { name: "themes", path: "/srv/themes" },
    ],
    databases: [
      {
        name: "shop",
        engine: "postgresql",
        address: { host: "127.0.0.1", port: 5432 },
        database: "shop",
        user: "shop",
        tls: "off",
      },
    ],
    externalResources: { required: 0, resources: [{ name: "dns-root", address: { host: "198.41.0.4", port: 53 } }] },
  };
}

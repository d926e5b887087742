import { type Settings, settingsSchema } from "../../shared/core/settings/settings.js";

const loopback = (port: number) => ({ host: "127.0.0.1", port });

/** Settings of one server with every default; ports that nothing listens at. */
export function sampleSettings(server: Settings["server"] = "secondary"): Settings {
  return settingsSchema.parse({
    pair: "shop",
    server,
    link: { listen: loopback(1), peer: loopback(1) },
    admin: { listen: loopback(1) },
    exporter: { listen: loopback(1) },
    ownership: { updateServerSite: "elsewhere" },
    dns: {
      updateServer: loopback(1),
      zone: "example.test",
      name: "shop.example.test",
      addresses: { primary: ["192.0.2.1"], secondary: ["192.0.2.2"] },
      tsig: { keyName: "sparesync" },
    },
    managedSystem: {
      controls: [{ kind: "app-offline", directory: "app" }],
      testPage: {},
      localAddress: loopback(1),
      publicAddresses: { primary: loopback(1), secondary: loopback(1) },
    },
  });
}

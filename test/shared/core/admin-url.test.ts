import { expect, test } from "@jest/globals";
import { adminUrl } from "../../../shared/core/admin-url.js";
import { exampleSettings } from "../../support/settings-example.js";

test.each([
  { listen: "192.0.2.7", url: "https://192.0.2.7:8443" },
  { listen: "2001:db8::7", url: "https://[2001:db8::7]:8443" },
  { listen: "0.0.0.0", url: "https://192.0.2.1:8443" },
  { listen: "::", url: "https://192.0.2.1:8443" },
])("a listener at $listen is reached at $url", ({ listen, url }) => {
  const { admin, managedSystem } = exampleSettings();
  const there = { ...admin, transport: "https" as const, listen: { host: listen, port: 8443 } };
  const publicAddresses = {
    primary: { host: "192.0.2.1", port: 80 },
    secondary: { host: "192.0.2.2", port: 80 },
  };
  expect(adminUrl({ admin: there, managedSystem: { ...managedSystem, publicAddresses }, server: "primary" })).toBe(url);
});

test("both servers have their own", () => {
  const settings = exampleSettings((input) => {
    Object.assign(input, { server: "secondary" });
  });
  const admin = { ...settings.admin, listen: { host: "0.0.0.0", port: 8443 } };
  expect(adminUrl({ ...settings, admin })).toContain(settings.managedSystem.publicAddresses.secondary.host);
});

import { expect, test } from "@jest/globals";
import { findBrokenRelations } from "../../../../shared/core/settings/setting-relations.js";
import { formatSettingPath } from "../../../../shared/core/settings/settings-list.js";
import { witnessSettings } from "../../../../shared/core/settings/witness-settings.js";
import { exampleSettings } from "../../../support/settings-example.js";

const endpoints = ["https://witness.example.org:2379"];

function broken(witness: object): readonly string[] {
  const settings = exampleSettings((input) => Object.assign(input, { witness: { endpoints, ...witness } }));
  return findBrokenRelations(settings).map(({ paths }) => formatSettingPath(paths[0]));
}

test.each([
  { when: "only its address is set", witness: {} },
  { when: "the lease lasts exactly three confirmations", witness: { ttlSeconds: 30 } },
  { when: "a user signs in over https", witness: { user: "sparesync" } },
  {
    when: "a user signs in on this machine",
    witness: { user: "sparesync", endpoints: ["http://[::1]:2379", "http://127.0.0.1:2379"] },
  },
  { when: "nobody signs in over http", witness: { endpoints: ["http://192.0.2.9:2379"] } },
  { when: "certificate and key are set", witness: { certificateFile: "c", privateKeyFile: "k" } },
])("a witness is taken when $when", ({ witness }) => {
  expect(broken(witness)).toEqual([]);
});

test.each([
  { path: "witness.ttlSeconds", when: "two lost answers end the lease", witness: { ttlSeconds: 29 } },
  { path: "witness.limitSeconds", when: "a question lasts until the next", witness: { limitSeconds: 10 } },
  {
    path: "witness.endpoints",
    when: "the password would cross the network in clear text",
    witness: { user: "sparesync", endpoints: [...endpoints, "http://192.0.2.9:2379"] },
  },
  { path: "witness.privateKeyFile", when: "a certificate has no key", witness: { certificateFile: "c" } },
  { path: "witness.certificateFile", when: "a key has no certificate", witness: { privateKeyFile: "k" } },
])("$path is named when $when", ({ path, witness }) => {
  expect(broken(witness)).toEqual([path]);
});

test.each([
  "witness.example.org:2379",
  "ftp://witness.example.org",
  "https://user:password@witness.example.org",
  "https://witness.example.org/v3",
])("%s is no endpoint", (endpoint) => {
  const parsed = witnessSettings.safeParse({ endpoints: [endpoint] });
  expect(parsed.error?.issues[0]?.message).toMatch(/^an address such as/);
});

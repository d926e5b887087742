import { expect, test } from "@jest/globals";
import { alternativeNames } from "../../../exporter/core/alternative-names.js";

test.each([
  { text: undefined, names: [] },
  { text: "DNS:a.example, IP Address:192.0.2.1", names: ["a.example", "192.0.2.1"] },
  { text: "IP Address:2001:DB8:0:0:0:0:0:1, email:a@b.example", names: ["2001:DB8:0:0:0:0:0:1", "a@b.example"] },
  // Quoted by Node.js, for it looks like two names (CVE-2021-44532).
  {
    text: 'DNS:"a.example, DNS:b.example", URI:http://c.example',
    names: ["a.example, DNS:b.example", "http://c.example"],
  },
])("$text", ({ text, names }) => {
  expect(alternativeNames(text)).toEqual(names);
});

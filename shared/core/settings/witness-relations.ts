import { isPrivateAddress } from "../loopback.js";
import { relation, unless, type SettingRelation } from "./setting-relation.js";

/** What of the witness does not go together, with itself and with the times of the ownership. */
export const witnessRelations: readonly SettingRelation[] = [
  relation(["witness", "ownership"], ({ witness, ownership: { confirmSeconds } }) =>
    unless(!witness || confirmSeconds * 3 <= witness.ttlSeconds, () => ({
      paths: [
        ["witness", "ttlSeconds"],
        ["ownership", "confirmSeconds"],
      ],
      because: `the lease is renewed every ${confirmSeconds} s, and two lost answers let it end`,
      hint: `set witness.ttlSeconds to at least ${Math.ceil(confirmSeconds * 3)} (three times confirmSeconds)`,
    })),
  ),
  relation(["witness", "ownership"], ({ witness, ownership: { confirmSeconds } }) =>
    unless(!witness || witness.limitSeconds < confirmSeconds, () => ({
      paths: [
        ["witness", "limitSeconds"],
        ["ownership", "confirmSeconds"],
      ],
      because: `a question to the witness may take ${witness?.limitSeconds ?? 0} s, and the next one is due after ${confirmSeconds} s`,
      hint: "set witness.limitSeconds below ownership.confirmSeconds",
    })),
  ),
  relation(["witness"], ({ witness }) => {
    const open = witness?.endpoints.find((endpoint) => !isPrivateAddress(endpoint));
    return unless(!witness || witness.user === "" || open === undefined, () => ({
      paths: [
        ["witness", "endpoints"],
        ["witness", "user"],
      ],
      because: `the password would cross the network in clear text (to ${open ?? ""})`,
      hint: "use https, or sign in without a user",
    }));
  }),
  relation(["witness"], ({ witness }) => {
    const isWhole = (witness?.certificateFile === undefined) === (witness?.privateKeyFile === undefined);
    const missing = witness?.certificateFile === undefined ? "certificateFile" : "privateKeyFile";
    return unless(isWhole, () => ({
      paths: [
        ["witness", missing],
        ["witness", missing === "certificateFile" ? "privateKeyFile" : "certificateFile"],
      ],
      because: "a certificate and its private key belong together, and one of them is missing",
      hint: `set witness.${missing}, or leave both out`,
    }));
  }),
];

import { isLoopbackHost, isPrivateAddress } from "../loopback.js";
import { parseAlertOverride } from "../alert-override.js";
import type { BrokenRelation } from "./setting-relation.js";
import type { Settings } from "./settings.js";

/** What of the notifications does not go together. */
export function findMailProblems({ notifications }: Settings): readonly BrokenRelation[] {
  const { mail, via, overrides } = notifications;
  const { server, security, from, to } = mail;
  const broken: BrokenRelation[] = [];
  if (server && (from === "" || to.length === 0)) {
    broken.push({
      paths: [
        ["notifications", "mail", from === "" ? "from" : "to"],
        ["notifications", "mail", "server"],
      ],
      because: `there is a mail server and no ${from === "" ? "sender" : "address to write to"}`,
      hint: "set notifications.mail.from and to, or leave the server out",
    });
  }
  if (!server && (via === "mail" || via === "both")) {
    broken.push({
      paths: [
        ["notifications", "mail", "server"],
        ["notifications", "via"],
      ],
      because: `messages go via ${via}, and no mail server is set`,
      hint: "set notifications.mail.server, or via: alertmanager",
    });
  }
  if (server && security === "none" && !isLoopbackHost(server.host)) {
    broken.push({
      paths: [
        ["notifications", "mail", "security"],
        ["notifications", "mail", "server"],
      ],
      because: `messages and the password would cross the network in clear text (to ${server.host})`,
      hint: "use starttls or tls, or a mail server on 127.0.0.1",
    });
  }
  const open = notifications.alertmanagers.findIndex((address) => !isPrivateAddress(address));
  if (notifications.alertmanagerUser !== "" && open >= 0) {
    broken.push({
      paths: [
        ["notifications", "alertmanagers", open],
        ["notifications", "alertmanagerUser"],
      ],
      because: `the password would cross the network in clear text (to ${String(notifications.alertmanagers[open])})`,
      hint: "use https, or sign in without a user",
    });
  }
  return [...broken, ...findDoubleOverrides(overrides)];
}

function findDoubleOverrides(overrides: readonly string[]): readonly BrokenRelation[] {
  const codes = overrides.map((text) => {
    const parsed = parseAlertOverride(text);
    return typeof parsed === "string" ? undefined : parsed.code;
  });
  const twice = codes.findIndex((code, index) => code !== undefined && codes.indexOf(code) !== index);
  if (twice < 0) return [];
  return [
    {
      paths: [
        ["notifications", "overrides", twice],
        ["notifications", "overrides", codes.indexOf(codes[twice])],
      ],
      because: `${String(codes[twice])} is given twice`,
      hint: "keep one of the two",
    },
  ];
}

import { judgeAddresses, type NameJudgement } from "../core/dns-addresses.js";
import type { NameServerPort } from "./name-server-port.js";

/** Asks every authoritative server where the name points. Rejects with ABORTED only. */
export async function checkName(nameServer: NameServerPort, signal?: AbortSignal): Promise<NameJudgement> {
  const answers = await nameServer.readAddresses(signal);
  return judgeAddresses(answers, {
    primary: nameServer.addressesOf("primary"),
    secondary: nameServer.addressesOf("secondary"),
  });
}

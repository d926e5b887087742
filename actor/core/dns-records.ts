import type { Settings } from "../../shared/core/settings/settings.js";
import type { ServerName } from "../../shared/core/server-name.js";
import { canonicalName } from "./dns-name.js";
import { canonicalAddress } from "./dns-rdata.js";

/** What one name holds while a server is active: its addresses (A and AAAA, sorted), or the one name it is an alias of. */
export interface NameRecords {
  readonly name: string;
  readonly kind: "addresses" | "alias";
  readonly values: readonly string[];
  readonly ttlSeconds: number;
}

/** The names that move beside `dns.name`, as they are to be while `server` is active, in the order of the settings. */
export function moreNamesOf(dns: Settings["dns"], server: ServerName): readonly NameRecords[] {
  return dns.moreNames.map(({ name, alias, addresses = dns.addresses, ttlSeconds = dns.ttlSeconds }) => ({
    name: canonicalName(name),
    kind: alias === undefined ? "addresses" : "alias",
    values: alias === undefined ? addresses[server].map(canonicalAddress).sort() : [canonicalName(alias[server])],
    ttlSeconds,
  }));
}

/** How long an answer that was given just before the change may still be kept by resolvers. */
export function longestTtlSeconds(dns: Settings["dns"]): number {
  return Math.max(dns.ttlSeconds, ...dns.moreNames.map(({ ttlSeconds }) => ttlSeconds ?? dns.ttlSeconds));
}

/** What one authoritative server answers for the names that move. */
export interface PublishedNames {
  readonly addresses: readonly string[];
  readonly names?: readonly { readonly name: string; readonly values: readonly string[] }[];
}

/** The names of which an answer is not exactly what is to be published. Empty: all is as it should be. */
export function namesNotPublished(
  answer: PublishedNames,
  addresses: readonly string[],
  more: readonly NameRecords[],
): readonly string[] {
  const late = more.filter(({ name, values }) => {
    const seen = answer.names?.find((one) => one.name === name);
    return !isSameSet(seen?.values ?? [], values);
  });
  return [...(isSameSet(answer.addresses, addresses) ? [] : [""]), ...late.map(({ name }) => name)];
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return [...new Set(a)].sort().join(" ") === [...new Set(b)].sort().join(" ");
}

/** Whether a zone's serial has reached another one: serials go round (RFC 1982 section 3.2). */
export function isSerialReached(serial: number, wanted: number): boolean {
  const ahead = (serial - wanted + 2 ** 32) % 2 ** 32;
  return ahead < 2 ** 31;
}

/** The numbers of the DNS protocol that SpareSync speaks (RFC 1035, RFC 2136, RFC 3596, RFC 8945). */

export const dnsOpcode = { query: 0, update: 5 } as const;

export const dnsClass = { internet: 1, none: 254, any: 255 } as const;

export const dnsType = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  OPT: 41,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
} as const;

/** Answer codes: RFC 1035 section 4.1.1, RFC 2136 section 2.2. */
export const dnsRcode = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
} as const;

/** What stands in the error field of a TSIG record (RFC 8945 section 3). */
export const tsigError = { none: 0, BADSIG: 16, BADKEY: 17, BADTIME: 18, BADTRUNC: 22 } as const;

function nameOf(table: Readonly<Record<string, number>>, code: number, prefix: string): string {
  return Object.entries(table).find(([, value]) => value === code)?.[0] ?? `${prefix}${String(code)}`;
}

/** NXRRSET for 8; RCODE11 for what has no name here. */
export function rcodeName(rcode: number): string {
  return nameOf(dnsRcode, rcode, "RCODE");
}

/** BADTIME for 18; ERROR99 for what has no name here. */
export function tsigErrorName(error: number): string {
  return nameOf(tsigError, error, "ERROR");
}

/** TXT for 16; TYPE99 for what has no name here (RFC 3597 section 5). */
export function typeName(type: number): string {
  return nameOf(dnsType, type, "TYPE");
}

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** Reads "host:port" or "[IPv6]:port"; without a port the default counts. Undefined when it is not of that form. */
export function parseHostAndPort(text: string, defaultPort?: number): HostAndPort | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]/]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  if (host === undefined || port === undefined || port < 1 || port > 65535) return undefined;
  return { host, port };
}

/** "host:port", with brackets around an IPv6 address. */
export function formatHostAndPort({ host, port }: HostAndPort): string {
  return host.includes(":") ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
}

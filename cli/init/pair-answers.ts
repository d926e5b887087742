import { isIP } from "node:net";
import { formatHostAndPort, parseHostAndPort, type HostAndPort } from "../../shared/core/host-and-port.js";
import { serverNames, type ServerName } from "../../shared/core/server-name.js";
import { UsageError } from "../cli-io.js";

/** What was said on the command line and answered to questions, as texts. */
export interface InitFlags {
  readonly out: string;
  readonly pair?: string;
  readonly name?: string;
  readonly zone?: string;
  readonly updateServer?: string;
  readonly updateServerSite?: string;
  readonly acceptAssumption?: boolean;
  /** Client addresses of one etcd at a third site; empty: none. */
  readonly witness?: readonly string[];
  readonly primaryLink?: string;
  readonly secondaryLink?: string;
  readonly primaryAdmin?: string;
  readonly secondaryAdmin?: string;
  readonly primaryExporter?: string;
  readonly secondaryExporter?: string;
  readonly primaryAddress?: readonly string[];
  readonly secondaryAddress?: readonly string[];
  readonly primaryPublic?: string;
  readonly secondaryPublic?: string;
  readonly service?: string;
  readonly tsigKeyName?: string;
  readonly tsigSecretFile?: string;
  readonly settingsOverlay?: string;
}

/** The essentials that nobody can guess; asked for on a terminal, else their flags are required. */
export const essentialFlags = [
  { key: "pair", flag: "--pair", question: "Name of the pair (lower-case letters, digits, hyphens)" },
  { key: "name", flag: "--name", question: "Name under which users reach the application (such as app.example.org)" },
  { key: "updateServer", flag: "--update-server", question: "Name server that takes dynamic updates (host:port)" },
  {
    key: "updateServerSite",
    flag: "--update-server-site",
    question:
      "Where does that name server stand: at the site of the primary, at the site of the secondary, or elsewhere?\n" +
      "  elsewhere: each server can be told to stop serving when it is cut off (best).\n" +
      "  secondary: losing the spare's site must not stop the application, so a cut-off primary serves on.\n" +
      "  primary: when the primary's site is lost, nothing can move the name away from it",
  },
  { key: "primaryLink", flag: "--primary-link", question: "Address of the primary's actor (host:port)" },
  { key: "secondaryLink", flag: "--secondary-link", question: "Address of the secondary's actor (host:port)" },
] as const satisfies readonly { readonly key: keyof InitFlags; readonly flag: string; readonly question: string }[];

/** Turns the flags into the content of one server's settings file, before the overlay. Throws a UsageError. */
export function settingsFromFlags(flags: InitFlags, server: ServerName): Record<string, unknown> {
  const own = endpointsOf(flags, server);
  const other = endpointsOf(flags, server === "primary" ? "secondary" : "primary");
  const ofServers = { [server]: own, [server === "primary" ? "secondary" : "primary"]: other };
  const pair = need(flags.pair, "--pair");
  const name = need(flags.name, "--name");
  return {
    pair,
    server,
    link: { listen: own.link, peer: other.link },
    admin: { listen: own.admin },
    exporter: { listen: own.exporter },
    ownership: { updateServerSite: need(flags.updateServerSite, "--update-server-site") },
    dns: {
      updateServer: address(need(flags.updateServer, "--update-server"), "--update-server", 53),
      zone: flags.zone ?? name.slice(name.indexOf(".") + 1),
      name,
      addresses: pick(ofServers, ({ addresses }) => addresses),
      tsig: { keyName: flags.tsigKeyName ?? `sparesync-${pair}` },
    },
    ...(flags.witness === undefined || flags.witness.length === 0 ? {} : { witness: { endpoints: flags.witness } }),
    failover: { acceptAssumption: flags.acceptAssumption ?? false },
    managedSystem: {
      ...(flags.service === undefined ? {} : { controls: [systemdControl(flags.service)] }),
      testPage: {},
      localAddress: own.public,
      publicAddresses: pick(ofServers, (endpoints) => endpoints.public),
    },
  };
}

interface Endpoints {
  readonly link: HostAndPort;
  readonly admin: HostAndPort;
  readonly exporter: HostAndPort;
  readonly addresses: readonly string[];
  readonly public: HostAndPort;
}

function endpointsOf(flags: InitFlags, server: ServerName): Endpoints {
  const link = address(need(flags[`${server}Link`], `--${server}-link`), `--${server}-link`);
  const beside = (text: string | undefined, flag: string, offset: number): HostAndPort =>
    text === undefined ? { host: link.host, port: link.port + offset } : address(text, flag);
  const addresses = flags[`${server}Address`] ?? (isIP(link.host) === 0 ? [] : [link.host]);
  const [first] = addresses;
  if (first === undefined) {
    throw new UsageError(`--${server}-address is needed: the link's host ${link.host} is a name, not an IP address`);
  }
  return {
    link,
    admin: beside(flags[`${server}Admin`], `--${server}-admin`, 1),
    exporter: beside(flags[`${server}Exporter`], `--${server}-exporter`, 2),
    addresses,
    public: address(flags[`${server}Public`] ?? formatHostAndPort({ host: first, port: 80 }), `--${server}-public`),
  };
}

/**
 * `systemctl is-active` would not do as status: it answers 3 (stopped) also while the unit is still stopping or starting,
 * when the application may serve. `kill` reaches all processes of the unit.
 */
function systemdControl(unit: string): Record<string, unknown> {
  return {
    kind: "command",
    name: unit,
    start: ["systemctl", "start", unit],
    stop: ["systemctl", "stop", unit],
    kill: ["systemctl", "kill", "--signal=SIGKILL", unit],
    status: ["sh", "-c", systemdStatus, unit],
  };
}

/** `$0` is the unit. When systemd does not answer it counts as running: then nothing is known. */
const systemdStatus = '! systemctl show -p ActiveState "$0" | grep -Eq "=(inactive|failed)$" || exit 3';

function pick<Value>(of: Readonly<Record<string, Endpoints>>, value: (endpoints: Endpoints) => Value) {
  return Object.fromEntries(serverNames.flatMap((name) => (of[name] ? [[name, value(of[name])] as const] : [])));
}

function need(text: string | undefined, flag: string): string {
  if (text === undefined || text === "") throw new UsageError(`${flag} is needed`);
  return text;
}

function address(text: string, flag: string, defaultPort?: number): HostAndPort {
  const parsed = parseHostAndPort(text, defaultPort);
  if (!parsed) throw new UsageError(`${flag} ${text}: expected host:port, or [IPv6]:port`);
  return parsed;
}

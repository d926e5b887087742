import { execFileSync } from "node:child_process";

/** The sites of the lab: both servers, the name server, and everybody else (clients, monitoring, the test itself). */
export const sites = ["primary", "secondary", "nameServer", "clients"] as const;
export type Site = (typeof sites)[number];

const hostNumbers: Readonly<Record<Site, number>> = { primary: 1, secondary: 2, nameServer: 3, clients: 254 };

/**
 * Real networks on one machine: a namespace for each server and for the name server, joined by a bridge in a namespace
 * of its own; the machine itself is the site of the clients. Packets are dropped on the bridge, by direction. Needs root.
 */
export class NetworkLab {
  readonly #prefix: string;
  readonly #subnet: string;

  private constructor(number: number) {
    this.#prefix = `ss${String(number)}`;
    this.#subnet = `10.213.${String((number % 250) + 1)}`;
  }

  static open(number = process.pid): NetworkLab {
    const lab = new NetworkLab(number);
    lab.close();
    lab.#make();
    return lab;
  }

  address(site: Site): string {
    return `${this.#subnet}.${String(hostNumbers[site])}`;
  }

  /** The program and its arguments that run another program in the network of a site. */
  enter(site: Exclude<Site, "clients">): [string, ...string[]] {
    return ["ip", "netns", "exec", this.#namespace(site)];
  }

  /** From now on nothing that one site sends arrives at the other. */
  cut(from: Site, to: Site): void {
    this.#nft(`add rule bridge lab forward ip saddr ${this.address(from)} ip daddr ${this.address(to)} drop`);
  }

  cutBothWays(a: Site, b: Site): void {
    this.cut(a, b);
    this.cut(b, a);
  }

  /** Everything arrives again. */
  heal(): void {
    this.#nft("flush chain bridge lab forward");
  }

  /** Removes all of it; also what an interrupted run has left under this number. */
  close(): void {
    for (const name of [this.#bridge, ...sites.map((site) => this.#namespace(site))]) {
      tryIp("netns", "del", name);
    }
    tryIp("link", "del", `${this.#prefix}c`);
  }

  get #bridge(): string {
    return `${this.#prefix}x`;
  }

  #namespace(site: Site): string {
    return this.#prefix + site.slice(0, 1);
  }

  #make(): void {
    ip("netns", "add", this.#bridge);
    ip("-n", this.#bridge, "link", "add", "lab", "type", "bridge");
    ip("-n", this.#bridge, "link", "set", "lab", "up");
    for (const site of sites) this.#join(site);
    this.#nft("add table bridge lab");
    this.#nft("add chain bridge lab forward { type filter hook forward priority 0; }");
  }

  #join(site: Site): void {
    const link = `${this.#prefix}${site.slice(0, 1)}`;
    const isHere = site === "clients";
    const at = isHere ? [] : ["-n", this.#namespace(site)];
    if (!isHere) ip("netns", "add", this.#namespace(site));
    ip("link", "add", link, "type", "veth", "peer", "name", `port-${site}`, "netns", this.#bridge);
    if (!isHere) ip("link", "set", link, "netns", this.#namespace(site));
    if (!isHere) ip(...at, "link", "set", "lo", "up");
    ip(...at, "address", "add", `${this.address(site)}/24`, "dev", link);
    ip(...at, "link", "set", link, "up");
    ip("-n", this.#bridge, "link", "set", `port-${site}`, "master", "lab", "up");
  }

  #nft(command: string): void {
    execFileSync("ip", ["netns", "exec", this.#bridge, "nft", ...command.split(" ")], { stdio: "pipe" });
  }
}

function ip(...args: string[]): void {
  execFileSync("ip", args, { stdio: "pipe" });
}

function tryIp(...args: string[]): void {
  try {
    ip(...args);
  } catch {
    // It is not there.
  }
}

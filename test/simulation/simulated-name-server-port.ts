import { AppError, errorMessage } from "../../shared/core/app-error.js";
import type { AuthoritativeAnswer, NameServerPort, UpdateOutcome } from "../../actor/dns/name-server-port.js";
import type { SimulatedHost } from "./simulated-host.js";
import { exchange, type Asker } from "./simulated-network.js";
import type { UpdateAnswer } from "./simulated-name-server.js";

/** The update server as one process of a server sees it, over the network. */
export function createSimulatedNameServerPort(host: SimulatedHost, process: Asker): NameServerPort {
  const { world, name } = host;
  const ask = <Answer>(signal: AbortSignal | undefined, work: () => Answer): Promise<Answer> =>
    exchange<Answer>(world.network, { from: name, to: "update-server" }, process, 3000, signal, (reply) => {
      world.nameServer.handle(() => {
        reply(work());
      });
    });
  const addressSeen = async (signal?: AbortSignal): Promise<string> =>
    host.broken.has("reading back")
      ? "192.0.2.99"
      : (host.addressSeen ?? (await ask(signal, () => world.nameServer.address)));
  const update = async (
    signal: AbortSignal | undefined,
    work: (signedAtMs: number) => UpdateAnswer,
  ): Promise<UpdateOutcome> => {
    const signedAtMs = world.time.nowMs;
    const unclear = (because: string): UpdateOutcome => ({
      kind: "unclear",
      because,
      validUntilWallMs: host.wallMs() + 300_000,
    });
    try {
      const answer = await ask(signal, () => work(signedAtMs));
      if (answer === "turned-away") return await Promise.reject(new AppError("DNS_REFUSED", "REFUSED"));
      if (answer === "done") return { kind: "done" };
      return answer === "lost" ? { kind: "lost", because: "NXRRSET" } : unclear("BADTIME");
    } catch (error) {
      if (error instanceof AppError && error.code === "DNS_REFUSED") throw error;
      return unclear("no answer");
    }
  };
  return {
    readRecord: (signal) =>
      ask(signal, () => {
        if (world.nameServer.turnsQuestionsAway) return new AppError("DNS_REFUSED", "REFUSED");
        return world.nameServer.record;
      }).then((answer) => (answer instanceof AppError ? Promise.reject(answer) : answer)),
    claim: (previous, next, signal) => update(signal, (at) => world.nameServer.claim(previous, next, at)),
    publish: (own, signal) => update(signal, (at) => world.nameServer.publish(own, at)),
    readAddresses: async (signal) => [
      await addressSeen(signal).then(
        (address) => ({ server: "127.0.0.1:1", addresses: [address] }),
        (error: unknown) => ({ server: "127.0.0.1:1", addresses: [], error: errorMessage(error) }),
      ),
      ...(world.nameServer.isFollowed ? await askFollower(host, process, signal) : []),
      ...(world.nameServer.staleAddress
        ? [{ server: "name-server-2", addresses: [world.nameServer.staleAddress] }]
        : []),
    ],
    moreNamesOf: () => [],
    readSerial: (signal) => ask(signal, () => world.nameServer.record?.epoch ?? 0),
    testUpdate: (signal) =>
      ask(signal, () => [{ what: "add a test name", passed: true, because: "", seconds: 0 }]).catch(() => []),
    addressesOf: (server) => [server],
  };
}

/** The other authoritative server stands out in the internet; where that is lost nothing answers. */
async function askFollower(
  { world, name }: SimulatedHost,
  process: Asker,
  signal: AbortSignal | undefined,
): Promise<readonly AuthoritativeAnswer[]> {
  const server = "follower:53";
  const answer = exchange<AuthoritativeAnswer>(
    world.network,
    { from: name, to: "outside" },
    process,
    3000,
    signal,
    (reply) => {
      const { address, record, forgedRecord } = world.nameServer;
      const shown = forgedRecord ?? record;
      reply({ server, addresses: [address], ...(shown ? { record: shown } : {}) });
    },
  );
  return [await answer.catch((error: unknown) => ({ server, addresses: [], error: errorMessage(error) }))];
}

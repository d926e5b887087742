import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { encodeQuery, isAnswerTo, readAddressAnswer } from "../../actor/core/dns-answer.js";
import { dnsClass, dnsType } from "../../actor/core/dns-codes.js";
import { decodeMessage, type DnsMessage, type DnsQuestion } from "../../actor/core/dns-message.js";

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

export interface Resolver {
  /** The A and AAAA of a name, IPv4 first; what was answered is kept for its time to live. Rejects without an answer. */
  resolve(name: string): Promise<readonly string[]>;
}

const limitMs = 1000;

/** Asks this name server now for the addresses of a name (A, then AAAA). */
export async function resolveAt(server: ServerAddress, name: string): Promise<readonly string[]> {
  return (await askBoth(server, name)).addresses;
}

/** What a client's resolver does: answers from its cache until the time to live is over. */
export function createResolver(server: ServerAddress, monotonicMs: () => number = () => performance.now()): Resolver {
  const kept = new Map<string, { readonly addresses: readonly string[]; readonly untilMs: number }>();
  return {
    resolve: async (name) => {
      const known = kept.get(name);
      if (known !== undefined && monotonicMs() < known.untilMs) return known.addresses;
      const askedMs = monotonicMs();
      const { addresses, ttlSeconds } = await askBoth(server, name);
      kept.set(name, { addresses, untilMs: askedMs + ttlSeconds * 1000 });
      return addresses;
    },
  };
}

async function askBoth(
  server: ServerAddress,
  name: string,
): Promise<{ readonly addresses: readonly string[]; readonly ttlSeconds: number }> {
  const questions = [dnsType.A, dnsType.AAAA].map((type) => ({ name, type, class: dnsClass.internet }));
  const answers = await Promise.all(
    questions.map(async (question) => ({ question, message: await ask(server, question) })),
  );
  const addresses = answers.flatMap(({ message, question }) => readAddressAnswer(message, question));
  const ttls = answers.flatMap(({ message }) => message.answers.map((record) => record.ttl));
  return { addresses, ttlSeconds: ttls.length === 0 ? 0 : Math.min(...ttls) };
}

function ask(server: ServerAddress, question: DnsQuestion): Promise<DnsMessage> {
  const id = randomInt(0x10000);
  const socket = createSocket(server.host.includes(":") ? "udp6" : "udp4");
  return new Promise<DnsMessage>((resolve, reject) => {
    const limit = setTimeout(() => {
      reject(new Error(`the name server does not answer for ${question.name}`));
    }, limitMs);
    socket.on("error", reject);
    socket.on("close", () => {
      clearTimeout(limit);
    });
    socket.on("message", (packet) => {
      try {
        const message = decodeMessage(packet);
        if (isAnswerTo(question, id, message)) resolve(message);
      } catch {
        // Not an answer: whoever can send here may send anything.
      }
    });
    socket.connect(server.port, server.host, () => {
      socket.send(encodeQuery(id, question.name, question.type));
    });
  }).finally(() => {
    socket.close();
  });
}

import { AppError, errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import { formatHostAndPort } from "../../shared/core/host-and-port.js";
import { encodeQuery, isAnswerTo, readAddressAnswer, readRecordAnswer } from "../core/dns-answer.js";
import { dnsClass, dnsType } from "../core/dns-codes.js";
import { decodeMessage, type DnsMessage, type DnsQuestion } from "../core/dns-message.js";
import type { AuthoritativeAnswer } from "./name-server-port.js";
import { exchangeTcp } from "./tcp-exchange.js";

export interface AuthoritativeRead {
  readonly name: string;
  readonly recordName: string;
  readonly deadlineMonotonicMs: number;
  readonly signals: readonly AbortSignal[];
  readonly clock: ClockPort;
  readonly newId: () => number;
}

interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * What one authoritative server answers for the name and its record. Unsigned: secondary name servers seldom have the
 * key, and such an answer only shows or refutes, it never confirms (OWNERSHIP 2). Never rejects.
 */
export async function readAuthoritative(server: ServerAddress, read: AuthoritativeRead): Promise<AuthoritativeAnswer> {
  const shown = formatHostAndPort(server);
  try {
    const [ipv4, ipv6, record] = await Promise.all([
      ask(server, read, read.name, dnsType.A).then(({ message, question }) => readAddressAnswer(message, question)),
      ask(server, read, read.name, dnsType.AAAA).then(({ message, question }) => readAddressAnswer(message, question)),
      ask(server, read, read.recordName, dnsType.TXT).then(({ message, question }) =>
        readRecordAnswer(message, question),
      ),
    ]);
    const addresses = [...ipv4, ...ipv6].sort();
    return record === undefined ? { server: shown, addresses } : { server: shown, addresses, record };
  } catch (error) {
    return { server: shown, addresses: [], error: errorMessage(error) };
  }
}

async function ask(
  server: ServerAddress,
  read: AuthoritativeRead,
  name: string,
  type: number,
): Promise<{ readonly message: DnsMessage; readonly question: DnsQuestion }> {
  const id = read.newId();
  const question = { name, type, class: dnsClass.internet };
  const result = await exchangeTcp({
    server,
    clock: read.clock,
    signals: read.signals,
    limitMs: Math.max(0, read.deadlineMonotonicMs - read.clock.monotonicMs()),
    makePacket: () => encodeQuery(id, name, type),
    isAnswer: (packet) => packet.readUInt16BE(0) === id,
  });
  if (result.kind !== "answer") throw new AppError("DNS_UNREACHABLE", result.because);
  const message = decodeMessage(result.packet);
  if (!isAnswerTo(question, id, message)) throw new AppError("DNS_INVALID", "the answer is that of another question");
  return { message, question };
}

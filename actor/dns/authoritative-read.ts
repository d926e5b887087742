import { AppError, errorMessage } from "../../shared/core/app-error.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import { formatHostAndPort } from "../../shared/core/host-and-port.js";
import {
  encodeQuery,
  isAnswerTo,
  readAddressAnswer,
  readAliasAnswer,
  readRecordAnswer,
  readSerialAnswer,
  readTextAnswer,
} from "../core/dns-answer.js";
import type { NameRecords } from "../core/dns-records.js";
import { dnsClass, dnsType } from "../core/dns-codes.js";
import { decodeMessage, type DnsMessage, type DnsQuestion } from "../core/dns-message.js";
import type { AuthoritativeAnswer } from "./name-server-port.js";
import { exchangeTcp } from "./tcp-exchange.js";

export interface AuthoritativeRead {
  readonly name: string;
  readonly recordName: string;
  readonly zone: string;
  readonly more: readonly Pick<NameRecords, "name" | "kind">[];
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
    const [addresses, names, serial, record] = await Promise.all([
      readAddressesAt(server, read, read.name),
      Promise.all(read.more.map((one) => readName(server, read, one))),
      // That a server answers no SOA says nothing of the name; the serial only explains what is late.
      readSerialAt(server, read).catch(() => undefined),
      ask(server, read, read.recordName, dnsType.TXT).then(({ message, question }) =>
        readRecordAnswer(message, question),
      ),
    ]);
    return {
      server: shown,
      addresses,
      ...(record === undefined ? {} : { record }),
      ...(names.length === 0 ? {} : { names }),
      ...(serial === undefined ? {} : { serial }),
    };
  } catch (error) {
    return { server: shown, addresses: [], error: errorMessage(error) };
  }
}

async function readAddressesAt(server: ServerAddress, read: AuthoritativeRead, name: string): Promise<string[]> {
  const answers = await Promise.all([dnsType.A, dnsType.AAAA].map((type) => ask(server, read, name, type)));
  return answers.flatMap(({ message, question }) => readAddressAnswer(message, question)).sort();
}

async function readName(
  server: ServerAddress,
  read: AuthoritativeRead,
  { name, kind }: Pick<NameRecords, "name" | "kind">,
): Promise<{ readonly name: string; readonly values: readonly string[] }> {
  if (kind === "addresses") return { name, values: await readAddressesAt(server, read, name) };
  const { message, question } = await ask(server, read, name, dnsType.CNAME);
  return { name, values: readAliasAnswer(message, question) };
}

/** The serial of the zone at one server; undefined when it answers none. */
export async function readSerialAt(
  server: ServerAddress,
  read: Omit<AuthoritativeRead, "name" | "recordName" | "more">,
): Promise<number | undefined> {
  const { message, question } = await ask(server, read, read.zone, dnsType.SOA);
  return readSerialAnswer(message, question);
}

/** The texts at a name as one server answers them. */
export async function readTextsAt(
  server: ServerAddress,
  read: Omit<AuthoritativeRead, "name" | "recordName" | "more">,
  name: string,
): Promise<readonly string[]> {
  const { message, question } = await ask(server, read, name, dnsType.TXT);
  return readTextAnswer(message, question);
}

async function ask(
  server: ServerAddress,
  read: Pick<AuthoritativeRead, "newId" | "clock" | "signals" | "deadlineMonotonicMs">,
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

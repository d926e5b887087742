import { dnsInvalid } from "./dns-name.js";
import { headerBytes, maximumMessageBytes } from "./dns-message.js";

/** On a stream each message has its length in front (RFC 1035 section 4.2.2). */
export function frameMessage(packet: Buffer): Buffer {
  if (packet.length > maximumMessageBytes) throw dnsInvalid("a message is longer than 65535 octets");
  const length = Buffer.alloc(2);
  length.writeUInt16BE(packet.length, 0);
  // One buffer, so that length and message leave in one segment (RFC 7766 section 8).
  return Buffer.concat([length, packet]);
}

/** Splits what has arrived into whole messages and the rest. Throws DNS_INVALID for a length that can be no message. */
export function takeMessages(arrived: Buffer): { readonly packets: readonly Buffer[]; readonly rest: Buffer } {
  const packets: Buffer[] = [];
  let offset = 0;
  while (arrived.length - offset >= 2) {
    const length = arrived.readUInt16BE(offset);
    if (length < headerBytes) throw dnsInvalid("a message is shorter than its header");
    if (arrived.length - offset - 2 < length) break;
    packets.push(arrived.subarray(offset + 2, offset + 2 + length));
    offset += 2 + length;
  }
  return { packets, rest: arrived.subarray(offset) };
}

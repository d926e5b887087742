import { dnsInvalid, formatName, maximumLabelBytes, maximumNameBytes } from "./dns-name.js";

/**
 * Reads a packet from front to back. Whoever can reach a socket writes what it reads, so every access is checked and
 * the only exception is AppError DNS_INVALID.
 */
export class PacketReader {
  readonly #packet: Buffer;
  #offset: number;

  constructor(packet: Buffer, offset = 0) {
    this.#packet = packet;
    this.#offset = offset;
  }

  get offset(): number {
    return this.#offset;
  }

  get isAtEnd(): boolean {
    return this.#offset >= this.#packet.length;
  }

  u8(): number {
    return this.#number(1);
  }

  u16(): number {
    return this.#number(2);
  }

  u32(): number {
    return this.#number(4);
  }

  u48(): number {
    return this.#number(6);
  }

  /** A copy, so that nothing decoded keeps or shares the packet it came in. */
  bytes(count: number): Buffer {
    this.#need(this.#offset, count);
    const part = Buffer.from(this.#packet.subarray(this.#offset, this.#offset + count));
    this.#offset += count;
    return part;
  }

  /** A name that may be compressed (RFC 1035 section 4.1.4). */
  name(): string {
    return this.#name(true);
  }

  /** A name in a place where compression is forbidden (RFC 8945 section 4.2: the algorithm name). */
  uncompressedName(): string {
    return this.#name(false);
  }

  #name(mayPoint: boolean): string {
    const labels: Buffer[] = [];
    let at = this.#offset;
    let end: number | undefined;
    // Each pointer must go to before the run of labels it ends. This bounds the work and excludes every loop.
    let runStart = at;
    let nameBytes = 1;
    for (;;) {
      const size = this.#byteAt(at);
      if (size >= 0xc0) {
        const target = ((size & 0x3f) << 8) | this.#byteAt(at + 1);
        if (!mayPoint || target >= runStart) throw dnsInvalid("a compressed name points forwards or to itself");
        end ??= at + 2;
        runStart = target;
        at = target;
        continue;
      }
      if (size > maximumLabelBytes) throw dnsInvalid("a name has a label of an unknown kind");
      at += 1;
      if (size === 0) break;
      nameBytes += size + 1;
      if (nameBytes > maximumNameBytes) throw dnsInvalid("a name is longer than 255 octets");
      this.#need(at, size);
      labels.push(this.#packet.subarray(at, at + size));
      at += size;
    }
    this.#offset = end ?? at;
    return formatName(labels);
  }

  #number(width: number): number {
    this.#need(this.#offset, width);
    const value = this.#packet.readUIntBE(this.#offset, width);
    this.#offset += width;
    return value;
  }

  #byteAt(at: number): number {
    this.#need(at, 1);
    return this.#packet.readUInt8(at);
  }

  #need(at: number, count: number): void {
    if (at + count > this.#packet.length) throw dnsInvalid("a message ends too early");
  }
}

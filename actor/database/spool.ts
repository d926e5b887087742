import { open, rm, mkdir, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";

/** Small points never touch the disk; a long backlog must not fill the memory. */
const memoryBytes = 4 * 1024 * 1024;

/**
 * A list of frames between reading and sending, or receiving and applying: in memory while it is small, then in a
 * file. It need not survive a crash: the journal still has everything that is in it. Who still reads or appends when it is
 * emptied gets an error: what comes afterwards belongs to another point.
 */
export class Spool {
  readonly #file: string;
  #memory: Buffer[] = [];
  #memoryTotal = 0;
  #handle: FileHandle | undefined;
  #lengths: number[] = [];
  #bytes = 0;
  #isWhole = false;
  /** How often it was emptied. */
  #generation = 0;
  /** Those who wait for what is not there yet. */
  #waiting: (() => void)[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  get count(): number {
    return this.#lengths.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async append(frame: Buffer): Promise<void> {
    const generation = this.#generation;
    if (!this.#handle && this.#memoryTotal + frame.length > memoryBytes) await this.#spill();
    if (this.#handle) {
      await writeAt(this.#handle, frame, this.#bytes);
      this.#requireSame(generation);
    } else {
      this.#memory.push(frame);
      this.#memoryTotal += frame.length;
    }
    this.#lengths.push(frame.length);
    this.#bytes += frame.length;
    this.#wake();
  }

  /** Says that nothing is appended any more. */
  end(): void {
    this.#isWhole = true;
    this.#wake();
  }

  /** The frames there are, in order, as often as asked. */
  frames(): AsyncGenerator<Buffer> {
    return this.#framesOf(this.#generation);
  }

  async *#framesOf(generation: number): AsyncGenerator<Buffer> {
    let offset = 0;
    for (const [index, length] of this.#lengths.entries()) {
      this.#requireSame(generation);
      yield await this.#frameAt(index, offset, length);
      offset += length;
    }
  }

  /** The frames in order, those that are still to come as well, until `end` was said. Rejects when the signal ends it. */
  follow(signal: AbortSignal): AsyncGenerator<Buffer> {
    return this.#follow(this.#generation, signal);
  }

  async *#follow(generation: number, signal: AbortSignal): AsyncGenerator<Buffer> {
    let offset = 0;
    for (let index = 0; ; index += 1) {
      while (this.#generation === generation && index >= this.#lengths.length && !this.#isWhole) {
        await this.#more(signal);
      }
      signal.throwIfAborted();
      this.#requireSame(generation);
      const length = this.#lengths[index];
      if (length === undefined) return;
      yield await this.#frameAt(index, offset, length);
      offset += length;
    }
  }

  async frame(index: number): Promise<Buffer | undefined> {
    const length = this.#lengths[index];
    if (length === undefined) return undefined;
    const offset = this.#lengths.slice(0, index).reduce((sum, each) => sum + each, 0);
    return this.#frameAt(index, offset, length);
  }

  /** Forgets everything and removes the file. Harmless when repeated. */
  async clear(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#memory = [];
    this.#memoryTotal = 0;
    this.#lengths = [];
    this.#bytes = 0;
    this.#isWhole = false;
    this.#generation += 1;
    this.#wake();
    if (!handle) return;
    await handle.close();
    await rm(this.#file, { force: true });
  }

  #requireSame(generation: number): void {
    if (generation !== this.#generation) throw new Error(`${this.#file} was emptied while it was in use`);
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Resolves when something was appended or nothing will be any more. */
  async #more(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiting.push(wake);
      signal.addEventListener("abort", wake);
    });
    signal.throwIfAborted();
  }

  async #frameAt(index: number, offset: number, length: number): Promise<Buffer> {
    if (!this.#handle) return this.#memory[index] ?? Buffer.alloc(0);
    const frame = Buffer.alloc(length);
    const { bytesRead } = await this.#handle.read(frame, 0, length, offset);
    if (bytesRead !== length) throw new Error(`${this.#file} is shorter than what was written to it`);
    return frame;
  }

  async #spill(): Promise<void> {
    const generation = this.#generation;
    await mkdir(dirname(this.#file), { recursive: true });
    const handle = await open(this.#file, "w+", 0o600);
    try {
      let offset = 0;
      for (const frame of this.#memory) {
        await writeAt(handle, frame, offset);
        offset += frame.length;
      }
      this.#requireSame(generation);
    } catch (error) {
      await handle.close();
      await rm(this.#file, { force: true });
      throw error;
    }
    this.#handle = handle;
    this.#memory = [];
    this.#memoryTotal = 0;
  }
}

async function writeAt(handle: FileHandle, frame: Buffer, offset: number): Promise<void> {
  const { bytesWritten } = await handle.write(frame, 0, frame.length, offset);
  if (bytesWritten !== frame.length) throw new Error("the disk took only a part of a batch");
}

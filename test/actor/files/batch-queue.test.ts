import { expect, test } from "@jest/globals";
import { decodeBatch } from "../../../actor/core/file-batch.js";
import { batchBytes, batchOperations } from "../../../actor/core/file-wire.js";
import { Bandwidth } from "../../../actor/files/bandwidth.js";
import { BatchQueue, type Queued } from "../../../actor/files/batch-queue.js";
import type { TargetPeer } from "../../../actor/files/target-peer.js";
import { defaultTransferLimits } from "../../../actor/files/transfer-limits.js";
import { createSystemClock } from "../../../shared/system-clock.js";

function open(): { queue: BatchQueue; batches: { operations: number; bytes: number }[] } {
  const batches: { operations: number; bytes: number }[] = [];
  const apply: TargetPeer["apply"] = (plain) => {
    batches.push({ operations: decodeBatch(plain).operations.length, bytes: plain.length });
    return Promise.resolve({ failures: [], unset: [] });
  };
  const peer = { apply } as unknown as TargetPeer;
  const { signal } = new AbortController();
  const clock = createSystemClock();
  const ports = { peer, clock, signal, limits: defaultTransferLimits, bandwidth: new Bandwidth(clock, 0) };
  return { queue: new BatchQueue(ports, { onDone: () => undefined }), batches };
}

function remove(index: number): Queued {
  const path = `file-${index}`;
  return { wire: { do: "remove", path, kind: "file" }, path };
}

test("the first batches are small, so that the target begins early, and each is twice the one before up to the largest", async () => {
  const { queue, batches } = open();
  for (let index = 0; index < 4000; index += 1) await queue.add(remove(index));
  await queue.drain();
  const sizes = batches.map(({ operations }) => operations);
  expect(sizes.slice(0, 6)).toEqual([63, 125, 250, 500, batchOperations, batchOperations]);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(4000);
  expect(queue.counts.changes).toBe(4000);
});

test("the bytes of a batch grow in the same way, and one content that is larger goes alone", async () => {
  const { queue, batches } = open();
  const content = Buffer.alloc(batchBytes / 64);
  for (let index = 0; index < 300; index += 1) {
    const { path } = remove(index);
    const wire = { do: "put-segment", transfer: "a", offset: 0, bytes: content.length } as const;
    await queue.add({ wire, path }, content);
  }
  const large = Buffer.alloc(batchBytes + 1);
  await queue.add({ wire: { do: "put-segment", transfer: "a", offset: 0, bytes: large.length }, path: "a" }, large);
  await queue.drain();
  const shares = batches.map(({ bytes }) => bytes / batchBytes);
  for (const [index, limit] of [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 1].entries()) {
    expect(shares[index]).toBeGreaterThan(limit / 2);
    expect(shares[index]).toBeLessThanOrEqual(limit);
  }
  expect(batches.at(-1)?.operations).toBe(1);
});

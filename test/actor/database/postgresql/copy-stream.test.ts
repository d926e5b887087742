import { describe, expect, test } from "@jest/globals";
import { PassThrough } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { CopyOut } from "../../../../actor/database/postgresql/copy-stream.js";
import type { PgConnection } from "../../../../actor/database/postgresql/submitted-query.js";

/** One line of a COPY as the server sends it (CopyData). */
function copyData(line: string): Buffer {
  const head = Buffer.from("d....");
  head.writeUInt32BE(line.length + 4, 1);
  return Buffer.concat([head, Buffer.from(line)]);
}

describe("COPY TO STDOUT", () => {
  test("a piece that cannot be taken does not keep the server waiting for ever", async () => {
    const stream = new PassThrough();
    const connection = { stream, query: () => undefined } as unknown as PgConnection;
    let taken = 0;
    const take = (): Promise<void> => {
      taken += 1;
      return Promise.reject(new Error("the disk is full"));
    };
    const out = new CopyOut([{ text: "COPY t TO STDOUT", limits: { rows: 1, bytes: 1 }, take }], [], 60_000);
    out.submit(connection);
    const lines = 50;
    for (let line = 0; line < lines; line += 1) stream.write(copyData(`${line}\n`));
    for (let wait = 0; wait < 1_000 && stream.readableLength > 0; wait += 1) await turn();
    expect([stream.readableLength, stream.isPaused(), taken]).toEqual([0, false, 1]);
    out.handleReadyForQuery();
    await expect(out.finished).rejects.toThrow("the disk is full");
  });
});

import { expect, test } from "@jest/globals";
import { sendWhileReading } from "../../../actor/database/send-while-reading.js";

/** A spool of which only the end matters here. */
class EmptySpool {
  isEnded = false;

  end(): void {
    this.isEnded = true;
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("begins to send with the first batch, while reading goes on, and says the end when all is read", async () => {
  const steps: string[] = [];
  const spool = new EmptySpool();
  const result = await sendWhileReading(
    spool,
    async (onBatch) => {
      await turn();
      steps.push("read one");
      onBatch();
      await turn();
      steps.push(`read two, ended: ${String(spool.isEnded)}`);
      onBatch();
      return "read";
    },
    async () => {
      steps.push("sending");
      while (!spool.isEnded) await turn();
      return "sent";
    },
  );
  expect(result).toEqual({ read: "read", sent: "sent" });
  expect(steps).toEqual(["read one", "sending", "read two, ended: false"]);
});

test("sends nothing where nothing was read", async () => {
  const send = (): Promise<string> => Promise.reject(new Error("nobody asked"));
  expect(await sendWhileReading(new EmptySpool(), () => Promise.resolve(7), send)).toEqual({
    read: 7,
    sent: undefined,
  });
});

test("ends reading with what made sending fail, whatever reading makes of it", async () => {
  let batches = 0;
  const read = async (onBatch: () => void): Promise<never> => {
    try {
      for (;;) {
        onBatch();
        batches += 1;
        await turn();
      }
    } catch {
      throw new Error("the database says something else");
    }
  };
  const sending = sendWhileReading(new EmptySpool(), read, () => Promise.reject(new Error("the link is cut")));
  await expect(sending).rejects.toThrow("the link is cut");
  expect(batches).toBeLessThan(3);
});

test("a failure at the very end of sending is told as well", async () => {
  const spool = new EmptySpool();
  const read = (onBatch: () => void): Promise<number> => {
    onBatch();
    return Promise.resolve(1);
  };
  const send = async (): Promise<never> => {
    while (!spool.isEnded) await turn();
    throw new Error("refused");
  };
  await expect(sendWhileReading(spool, read, send)).rejects.toThrow("refused");
});

test("stops sending when reading fails, and rejects only when nothing is sent any more", async () => {
  let isOver = false;
  const read = async (onBatch: () => void): Promise<never> => {
    onBatch();
    await turn();
    throw new Error("the database is gone");
  };
  const send = async (stop: AbortSignal): Promise<never> => {
    while (!stop.aborted) await turn();
    await turn();
    isOver = true;
    throw new Error("stopped");
  };
  await expect(sendWhileReading(new EmptySpool(), read, send)).rejects.toThrow("the database is gone");
  expect(isOver).toBe(true);
});

test("ends reading where it is when sending fails, also where no batch is to come for long", async () => {
  const read = async (onBatch: () => void, stop: AbortSignal): Promise<never> => {
    onBatch();
    // One statement of the source, which only the signal ends.
    await new Promise((resolve) => {
      stop.addEventListener("abort", resolve);
    });
    throw new Error("reading was cancelled");
  };
  const sending = sendWhileReading(new EmptySpool(), read, () => Promise.reject(new Error("the link is cut")));
  await expect(sending).rejects.toThrow("the link is cut");
});

import type { Spool } from "./spool.js";

/**
 * Reads into a spool and sends out of it at the same time, so that reading never waits for the network. `read` calls
 * `onBatch` before each batch that it writes into the spool: sending begins with the first one. Once it has failed reading is
 * ended by `stop`, wherever it is, and the error is that of sending. Nothing is being sent any more when it rejects. `sent` is
 * undefined where there was nothing.
 */
export async function sendWhileReading<Read, Sent>(
  spool: Pick<Spool, "end">,
  read: (onBatch: () => void, stop: AbortSignal) => Promise<Read>,
  send: (stop: AbortSignal) => Promise<Sent>,
): Promise<{ readonly read: Read; readonly sent: Sent | undefined }> {
  const stop = new AbortController();
  let sending: Promise<Sent> | undefined;
  let failure: { readonly error: unknown } | undefined;
  const begin = (): Promise<Sent> => {
    const begun = send(stop.signal);
    begun.catch((error: unknown) => {
      failure = { error };
      // A statement of the source may have minutes to go before the next batch, for a point that nobody takes.
      stop.abort();
    });
    return begun;
  };
  const onBatch = (): void => {
    if (failure) throw failure.error;
    sending ??= begin();
  };
  try {
    const result = await read(onBatch, stop.signal);
    spool.end();
    return { read: result, sent: await sending };
  } catch (error) {
    // What made sending fail is what there is to be said; that reading had to end for it is not.
    const because = failure?.error ?? error;
    stop.abort();
    await sending?.catch(() => undefined);
    throw because;
  }
}

import { describe, expect, test } from "@jest/globals";
import type { ManagedSystemControl } from "../../actor/managed-system/control.js";

export interface ControlUnderTest {
  readonly control: ManagedSystemControl;
  /** Makes looking impossible: the status must then be unknown, never a guess. */
  readonly blind: () => Promise<void>;
}

/** What every control of the managed system keeps. `open` makes one that runs. */
export function managedSystemControlContract(kind: string, open: () => Promise<ControlUnderTest>): void {
  const { signal } = new AbortController();

  describe(`${kind} keeps the contract of a control`, () => {
    test("runs, stops, starts again", async () => {
      const { control } = await open();
      expect(await control.status(signal)).toMatchObject({ state: "running" });
      await control.stop(5, signal);
      expect(await control.status(signal)).toMatchObject({ state: "stopped" });
      await control.start(signal);
      expect(await control.status(signal)).toMatchObject({ state: "running" });
    });

    test("starting what runs and stopping what is stopped does no harm", async () => {
      const { control } = await open();
      await control.start(signal);
      expect(await control.status(signal)).toMatchObject({ state: "running" });
      await control.stop(5, signal);
      await control.stop(5, signal);
      expect(await control.status(signal)).toMatchObject({ state: "stopped" });
    });

    test("says unknown and why when it cannot look, and is then not seen stopped", async () => {
      const { control, blind } = await open();
      await blind();
      const status = await control.status(signal);
      expect(status.state).toBe("unknown");
      expect(status.because).not.toBe("");
      await expect(control.stop(1, signal)).rejects.toMatchObject({ code: "MANAGED_SYSTEM_FAILED" });
    });
  });
}

import { describe, expect, test } from "@jest/globals";
import { takeMarkChecked } from "../../actor/mark-checked.js";
import { setEnabled } from "../../actor/set-enabled.js";
import { benchContext } from "../support/context-bench.js";

describe("that SpareSync was turned off", () => {
  test("is remembered with when, who and why after it was turned on again, until a person has checked the pair", async () => {
    const { context, kept, ports } = await benchContext("primary");
    expect(kept().lastTurnedOff).toBeNull();
    const atMs = ports.clock.wallMs();
    await setEnabled(context, false, "olga", "patches");
    await ports.clock.advance(1);
    await setEnabled(context, true, "otto", "patched");
    const remembered = { atMs, because: "olga: patches", isChecked: false };
    expect(kept()).toMatchObject({ isEnabled: true, lastTurnedOff: remembered });
    await takeMarkChecked(context, "olga");
    expect(kept().lastTurnedOff).toEqual({ ...remembered, isChecked: true });
  });

  test("is not said of a pair that never was", async () => {
    const { context, kept } = await benchContext("primary");
    await takeMarkChecked(context, "olga");
    expect(kept().lastTurnedOff).toBeNull();
  });
});

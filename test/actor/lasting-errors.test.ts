import { expect, test } from "@jest/globals";
import { isConfigurationErrorLasting } from "../../actor/lasting-errors.js";
import { benchContext } from "../support/context-bench.js";

test("an error lasts until its cause was not seen for thirty seconds; one that was never looked for may last", async () => {
  const { context, ports } = await benchContext("primary");
  const found = context.situation.configurationErrorFoundAtMs;
  found.set("clocks-apart", ports.clock.monotonicMs());
  await ports.clock.advance(29);
  expect(isConfigurationErrorLasting(context, "clocks-apart")).toBe(true);
  await ports.clock.advance(1);
  expect(isConfigurationErrorLasting(context, "clocks-apart")).toBe(false);
  expect(isConfigurationErrorLasting(context, "time-zones-differ")).toBe(true);
});

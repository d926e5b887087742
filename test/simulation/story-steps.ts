import type { ServerName } from "../../shared/core/server-name.js";
import type { KeptDocument } from "./kept-document.js";
import type { World } from "./world.js";

const stepsKept = (world: World, name: ServerName) =>
  (world.host(name).document as KeptDocument | undefined)?.operation?.steps.filter(({ runsOn }) => runsOn === name) ??
  [];

/** The step that is under way on a server, as its disk has it. */
export function currentStep(world: World, name: ServerName): string | undefined {
  return stepsKept(world, name).find(({ state }) => state === "running")?.name;
}

/** Whether a step is the last that a server has done in the operation that it is in. */
export function endedStep(world: World, name: ServerName, step: string | undefined): boolean {
  const steps = stepsKept(world, name);
  const index = steps.findIndex((one) => one.name === step);
  return steps[index]?.state === "done" && steps[index + 1]?.state !== "done";
}

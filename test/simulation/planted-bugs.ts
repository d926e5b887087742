import type { World } from "./world.js";

/** Bugs that the simulation must find, by what they are; and the beginning that some of them need to show themselves. */
export const plantedBugs = {
  "the active server never fences itself": (world) => {
    world.plantedSettings.primary = { selfFenceSeconds: 3600 };
    world.hidesFence = true;
  },
  "the claimant does not wait for the fence": (world) => {
    world.plantedSettings.secondary = { selfFenceSeconds: 1, stopSeconds: 1, marginSeconds: 0.5 };
    world.hidesFence = true;
  },
  "the spare grants confirmations although its claim is decided": (world) => {
    world.alwaysGrants = "secondary";
    openBlackHole(world);
  },
  "the update server does not look at the prerequisite of a claim": (world) => {
    world.nameServer.ignoresPrerequisites = true;
  },
  "an actor forgets its operation": (world) => {
    world.forgetsOperations = true;
  },
  "an alert that comes again is taken for another one": (world) => {
    world.forgetsAlerts = true;
  },
  "the spare claims without the witness": (world) => {
    world.ignoresWitness = "secondary";
  },
  /** No bug: only refused confirmations still come through to the primary. */
  "a black hole": openBlackHole,
} as const satisfies Readonly<Record<string, (world: World) => void>>;

export type PlantedBug = keyof typeof plantedBugs;

/** The primary loses the update server; of the link only questions for confirmation pass. */
function openBlackHole(world: World): void {
  world.time.schedule(30_000, () => {
    world.isBlackHole = true;
    world.network.cut("primary", "update-server");
  });
}

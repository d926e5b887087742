import type { Settings } from "../../shared/core/settings/settings.js";

/** For how long an actor that does not renew its lease, or does not fence, is given the benefit of the doubt. */
export function guardPatienceSeconds({ ownership }: Settings): number {
  return Math.min(5, ownership.marginSeconds / 2);
}

/** Both programs look at their files this often, so that a renewal is seen well within the guard's patience. */
export function guardLookSeconds(settings: Settings): number {
  return Math.min(1, guardPatienceSeconds(settings) / 3, settings.ownership.confirmSeconds / 2);
}

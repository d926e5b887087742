import type { ActorPorts } from "../../actor/ports.js";
import { noMail } from "../support/no-mail.js";
import { rememberDivergence } from "../support/remember-divergence.js";

/** What the simulation is not about. */
export function idlePorts(): Pick<ActorPorts, "drill" | "divergence" | "messages"> {
  return {
    drill: { read: () => Promise.resolve(undefined), write: () => Promise.resolve(), application: undefined },
    divergence: rememberDivergence(),
    messages: noMail,
  };
}

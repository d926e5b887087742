import type { AddCommand } from "../command.js";
import { addInit } from "./init.js";

/** All commands, in the order in which the help shows them. */
export const commands: readonly AddCommand[] = [addInit];

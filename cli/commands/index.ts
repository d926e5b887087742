import type { AddCommand } from "../command.js";
import { addActor } from "./actor.js";
import { addAdopt } from "./adopt.js";
import { addCheck } from "./check.js";
import { addDatabase } from "./database.js";
import { addDecide } from "./decide.js";
import { addDecisions } from "./decisions.js";
import { addDivergence } from "./divergence.js";
import { addDns } from "./dns.js";
import { addDrill } from "./drill.js";
import { addExporter } from "./exporter.js";
import { addFailover } from "./failover.js";
import { addFiles } from "./files.js";
import { addFirstRecord } from "./first-record.js";
import { addForce } from "./force.js";
import { addGuard } from "./guard.js";
import { addHistory } from "./history.js";
import { addInit } from "./init.js";
import { addMarkChecked } from "./mark-checked.js";
import { addMessage } from "./message.js";
import { addMonitoring } from "./monitoring.js";
import { addOff } from "./off.js";
import { addOn } from "./on.js";
import { addOperations } from "./operations.js";
import { addPause } from "./pause.js";
import { addResume } from "./resume.js";
import { addStatus } from "./status.js";
import { addSwitch } from "./switch.js";

/** All commands, in the order in which the help shows them. */
export const commands: readonly AddCommand[] = [
  addInit,
  addCheck,
  addActor,
  addGuard,
  addExporter,
  addFirstRecord,
  addAdopt,
  addStatus,
  addSwitch,
  addFailover,
  addForce,
  addOperations,
  addDecisions,
  addDecide,
  addDivergence,
  addDns,
  addDrill,
  addHistory,
  addMessage,
  addFiles,
  addOn,
  addOff,
  addPause,
  addResume,
  addMarkChecked,
  addDatabase,
  addMonitoring,
];

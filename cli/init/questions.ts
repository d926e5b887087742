import { createInterface } from "node:readline";
import { judgeExclusion, type Exclusion } from "../../shared/core/exclusion.js";
import { Interruption, interruptionCode, tell, UsageError, type CliIo } from "../cli-io.js";
import { essentialFlags, type InitFlags } from "./pair-answers.js";

/** As a shell shows a program that SIGINT (2) has ended. */
const ctrlCCode = 128 + 2;

/** The flags, completed by asking a person for what is missing; without a terminal, missing ones are an error. */
export async function completeFlags(flags: InitFlags, hasControls: boolean, io: CliIo): Promise<InitFlags> {
  const missing = essentialFlags.filter(({ key }) => flags[key] === undefined);
  const missingNames: string[] = missing.map(({ flag }) => flag);
  if (!hasControls && flags.service === undefined) missingNames.push("--service");
  if (!io.isInteractive) {
    if (missingNames.length === 0) return flags;
    throw new UsageError(`${missingNames.join(", ")} needed (or run sparesync init on a terminal to be asked)`);
  }
  return ask(flags, missing, missingNames.includes("--service"), io);
}

async function ask(
  flags: InitFlags,
  missing: readonly (typeof essentialFlags)[number][],
  needsService: boolean,
  io: CliIo,
): Promise<InitFlags> {
  const terminal = createInterface({ input: io.stdin, output: io.stderr });
  // By the iterator, not terminal.question(): that one loses lines that were pasted before it asks.
  const lines = terminal[Symbol.asyncIterator]();
  // On a terminal Ctrl-C is a key like any other: it reaches readline and not the process.
  let exitCode: number | undefined;
  terminal.once("SIGINT", () => {
    exitCode = ctrlCCode;
    terminal.close();
  });
  const signal = io.interruption();
  const close = (): void => {
    exitCode = interruptionCode(signal);
    terminal.close();
  };
  signal.addEventListener("abort", close, { once: true });
  const question = async (text: string): Promise<string> => {
    terminal.setPrompt(text);
    terminal.prompt();
    const line = await lines.next();
    if (exitCode !== undefined) throw new Interruption(exitCode, "\ninterrupted; nothing was written");
    if (line.done === true) throw new UsageError("the questions were not answered; nothing was written");
    return line.value.trim();
  };
  try {
    const answers: Record<string, string> = {};
    for (const { key, question: text } of missing) answers[key] = await question(`${text}: `);
    if (needsService) answers["service"] = await question("systemd unit of the application (such as web.service): ");
    const asked: InitFlags = { ...flags, ...answers };
    if (asked.acceptAssumption !== undefined || judgeAnswers(asked).kind === "proof") return asked;
    const completed =
      asked.witness === undefined ? { ...asked, witness: toList(await question(askForWitness)) } : asked;
    const exclusion = judgeAnswers(completed);
    if (exclusion.kind === "proof") return completed;
    tell(io, explainAssumption(exclusion.because));
    const answer = await question("Fail over automatically all the same? (yes/no): ");
    return { ...completed, acceptAssumption: /^y(es)?$/i.test(answer) };
  } finally {
    signal.removeEventListener("abort", close);
    terminal.close();
  }
}

const askForWitness =
  "Is there a third site with an etcd? As a witness it proves that only one server serves at a time.\n" +
  "Its client addresses (such as https://witness.example.org:2379), with spaces between; empty: there is none: ";

const toList = (line: string): readonly string[] => line.split(/[\s,]+/).filter((word) => word !== "");

/** Whether what was answered excludes two active servers; `sparesync init` sets up a guard. */
function judgeAnswers({ updateServerSite, witness = [] }: InitFlags): Exclusion {
  return judgeExclusion({
    updateServerSite: siteOf(updateServerSite),
    hasGuard: true,
    hasWitness: witness.length > 0,
  });
}

/** What accepting the assumption means, in plain words. */
function explainAssumption(because: string): string {
  return (
    `That only one server serves at a time cannot be proven here, it is assumed: ${because}.\n` +
    "If that goes wrong, both servers take orders, uploads and changes for a while, and one side's are lost.\n" +
    "With no, SpareSync asks an operator before each failover; with yes, it fails over by itself."
  );
}

function siteOf(site: string | undefined): "primary" | "secondary" | "elsewhere" {
  return site === "primary" || site === "secondary" ? site : "elsewhere";
}

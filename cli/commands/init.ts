import type { Command } from "commander";
import { judgeExclusion } from "../../shared/core/exclusion.js";
import { jsonOption, type CommandContext } from "../command.js";
import { exitCodes, type CommandResult } from "../cli-io.js";
import { makePair, type NewPair } from "../init/make-pair.js";
import { writeNewFiles } from "../init/new-files.js";
import type { InitFlags } from "../init/pair-answers.js";
import { completeFlags } from "../init/questions.js";
import { readOverlay } from "../init/settings-overlay.js";

/** `sparesync init`: makes a pair from nothing. Never overwrites a file. */
export function addInit(program: Command, { io, answer }: CommandContext): void {
  addOptions(program.command("init").description("make settings, keys, certificates and tokens for a new pair")).action(
    async (flags: InitFlags) => {
      const overlay = await readOverlay(flags.settingsOverlay);
      const hasControls = [overlay.both, overlay.primary, overlay.secondary].some((part) => hasOwnControls(part));
      const pair = await makePair(await completeFlags(flags, hasControls, io), overlay);
      const takeBack = await writeNewFiles(pair.files, io.interruption());
      await answer({ ...describe(pair), takeBack });
    },
  );
}

function addOptions(command: Command): Command {
  return (
    command
      .option("--out <dir>", "folder in which the folders primary and secondary are made", "sparesync")
      .option("--pair <name>", "name of the pair")
      .option("--name <name>", "name under which users reach the application")
      .option("--zone <zone>", "zone of that name (default: the name without its first part)")
      .option("--update-server <host:port>", "name server that takes dynamic updates (RFC 2136)")
      .option("--update-server-site <site>", "where it stands: elsewhere, primary or secondary")
      .option("--witness <url...>", "client addresses of an etcd at a third site (default: no witness)")
      .option(
        "--accept-assumption",
        "fail over automatically although two active servers are excluded only by assumption",
      )
      .option("--no-accept-assumption", "ask an operator before each failover (the default)")
      .option("--primary-link <host:port>", "address of the primary's actor for the secondary's")
      .option("--secondary-link <host:port>", "address of the secondary's actor for the primary's")
      .option("--primary-admin <host:port>", "address of the primary's actor for operators (default: link port + 1)")
      .option("--secondary-admin <host:port>", "the same of the secondary")
      .option("--primary-exporter <host:port>", "address of the primary's metrics (default: link port + 2)")
      .option("--secondary-exporter <host:port>", "the same of the secondary")
      .option("--primary-address <ip...>", "A and AAAA of the name on the primary (default: the link's host)")
      .option("--secondary-address <ip...>", "the same on the secondary")
      .option(
        "--primary-public <host:port>",
        "where users reach the primary's application (default: its address, port 80)",
      )
      .option("--secondary-public <host:port>", "the same of the secondary")
      .option("--service <unit>", "systemd unit of the application")
      .option("--tsig-key-name <name>", "name of the TSIG key (default: sparesync-PAIR)")
      .option("--tsig-secret-file <file>", "file with its secret in Base64 (default: a new secret)")
      .option("--settings-overlay <file>", "YAML with the keys both, primary, secondary, merged over the settings")
      .option(...jsonOption)
      // With both --accept-… and --no-accept-… commander's default is true; here nothing said must mean "not asked yet".
      .setOptionValue("acceptAssumption", undefined)
  );
}

function hasOwnControls(part: Readonly<Record<string, unknown>>): boolean {
  const group = part["managedSystem"];
  return typeof group === "object" && group !== null && "controls" in group;
}

function describe(pair: NewPair): CommandResult {
  const { dns, ownership, failover, witness } = pair.settings.primary;
  const exclusion = judgeExclusion({
    updateServerSite: ownership.updateServerSite,
    hasGuard: true,
    hasWitness: witness !== undefined,
  });
  const steps = nextSteps(pair);
  const text = [
    "Made:",
    ...[...pair.files.keys()].map((file) => `  ${file}`),
    "",
    "Access tokens, shown only now (the files hold their hashes):",
    ...pair.tokens.map(({ role, token }) => `  ${role.padEnd(13)} ${token}`),
    "",
    `Two active servers are excluded by ${exclusion.kind}: ${exclusion.because}.`,
    ...(exclusion.kind === "proof" ? [] : [describeAcceptance(failover.acceptAssumption)]),
    "",
    "Next:",
    ...steps.map((step, index) => `  ${index + 1}. ${step}`),
  ].join("\n");
  return {
    text,
    json: {
      ok: true,
      files: [...pair.files.keys()],
      settings: pair.settingsFiles,
      tokens: pair.tokens.map((token) => ({ ...token })),
      tsig: { keyName: dns.tsig.keyName, nameServerKeyFile: pair.nameServerKeyFile ?? null },
      scrape: pair.scrape,
      exclusion: { kind: exclusion.kind, because: exclusion.because },
      next: steps,
    },
    exitCode: exitCodes.fine,
  };
}

function describeAcceptance(isAccepted: boolean): string {
  return isAccepted
    ? "Automatic failover accepts that (failover.acceptAssumption: true)."
    : "Therefore an operator is asked before each failover (failover.acceptAssumption: false).";
}

function nextSteps({ settings, settingsFiles, nameServerKeyFile, scrape }: NewPair): string[] {
  const { dns } = settings.primary;
  const [key, name] = [dns.tsig.keyName, dns.name];
  const addKey =
    nameServerKeyFile === undefined
      ? `Let the key ${key}`
      : `Include ${nameServerKeyFile} in the name server's configuration and let the key ${key}`;
  return [
    `${addKey} update the zone ${dns.zone}; in BIND: update-policy { grant ${key} name ${name} A AAAA; grant ${key} name _sparesync.${name} TXT; grant ${key} name _sparesync-test.${name} TXT; };`,
    `Copy ${settingsFiles.secondary.replace(/[\\/][^\\/]*$/, "")} to the secondary, by a way on which nobody reads along.`,
    "Turn off the autostart of the application on both servers: only SpareSync starts it.",
    "Complete folders and databases in both settings files, and say who else can see that a server is lost (failover.vantages, or failover.acceptSingleVantage: true; until then a person is asked). Then run sparesync check --settings FILE on each server.",
    `On the machine of Prometheus put ${scrape.passwordFile} and the certificates of both servers where sparesync monitoring generate says.`,
    "Start actor, guard and exporter on both servers. Until the next step the actors keep the application stopped, also where it runs now.",
    `Once, on the primary: sparesync first-record --settings ${settingsFiles.primary} with the operator's token in SPARESYNC_TOKEN. Now the primary starts the application and the name points to it.`,
  ];
}

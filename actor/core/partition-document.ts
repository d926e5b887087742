import { decidePartition, partitions, witnessPartitions, type PartitionOutcome } from "./partition-table.js";

const head = `# Who serves in which partition

Each line may be cut for long, in both directions: between the servers (with it the spare loses sight of the application), and
from each server to the update server. This page is made from the rules in the code (\`npm run docs\`), and the simulation runs every
row. Rules: [who may serve](ownership.md).

It holds for a pair that fails over automatically and takes one vantage for enough (\`failover.acceptSingleVantage\`). With a
second vantage that still sees the application, nothing is taken over and the operator is asked: then the row of the same
cuts without a takeover holds, in which the active server serves as long as something confirms it. Where two servers
stand in a row, the assumption says that it does not happen; without \`failover.acceptAssumption\` nobody takes over there.
`;

const titles = {
  elsewhere: "the update server stands elsewhere (proof)",
  secondary: "the update server stands beside the secondary (assumption)",
} as const;

/** docs/partitions.md. */
export function renderPartitionDocument(): string {
  const sections = (["primary", "secondary"] as const).flatMap((active) =>
    (["elsewhere", "secondary"] as const).map((site) => {
      const rows = partitions
        .filter((partition) => partition.active === active && partition.updateServerSite === site)
        .map((partition) => renderRow(decidePartition(partition)));
      const title = `The ${active} is active, ${titles[site]}`;
      const header = "| between the servers | primary – update server | secondary – update server | who serves | why |";
      return `\n## ${title}\n\n${header}\n|---|---|---|---|---|\n${rows.join("")}`;
    }),
  );
  return head + sections.join("") + renderWitness();
}

const witnessHead = `
# With a witness at a third site

The same with a [witness](decisions/0028-a-witness-is-a-lease-that-a-claim-needs.md), where it changes anything: the primary is
active, and the line between the servers is cut. While that line is whole, and while the secondary is active, who serves is as
above. The lines to the witness may be cut as well: from the primary, from the secondary, or from both.
`;

function renderWitness(): string {
  const sections = (["elsewhere", "secondary"] as const).map((site) => {
    const rows = witnessPartitions
      .filter(({ updateServerSite }) => updateServerSite === site)
      .map((partition) => renderWitnessRow(decidePartition(partition)));
    const header = "| cut from the witness | primary – update server | secondary – update server | who serves | why |";
    const where = site === "elsewhere" ? "elsewhere" : "beside the secondary";
    return `\n## A witness, and the update server stands ${where} (proof)\n\n${header}\n|---|---|---|---|---|\n${rows.join("")}`;
  });
  return witnessHead + sections.join("");
}

function renderWitnessRow({ partition, serving, because }: PartitionOutcome): string {
  const { isPrimaryCut, isSecondaryCut, updateServerSite, cutFromWitness = [] } = partition;
  const line = (isCut: boolean): string => (isCut ? "cut" : "whole");
  const inner = updateServerSite === "secondary" ? "one site" : line(isSecondaryCut);
  const who = serving.length === 0 ? "nobody" : serving.join(" and ");
  const cut = cutFromWitness.length === 0 ? "nobody" : cutFromWitness.join(" and ");
  return `| ${cut} | ${line(isPrimaryCut)} | ${inner} | ${who} | ${because} |\n`;
}

function renderRow({ partition, serving, because }: PartitionOutcome): string {
  const { isLinkCut, isPrimaryCut, isSecondaryCut, updateServerSite } = partition;
  const line = (isCut: boolean): string => (isCut ? "cut" : "whole");
  const inner = updateServerSite === "secondary" ? "one site" : line(isSecondaryCut);
  const who = serving.length === 0 ? "nobody" : serving.join(" and ");
  return `| ${line(isLinkCut)} | ${line(isPrimaryCut)} | ${inner} | ${who} | ${because} |\n`;
}

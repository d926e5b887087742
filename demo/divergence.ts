import type { Acknowledgement } from "./client.js";

/** What `sparesync divergence show --json` answers, as far as the demonstration reads it. */
interface Answer {
  readonly reports: readonly { readonly kind: string; readonly name: string; readonly examples: readonly object[] }[];
}

/** The lost rows and files that no entry of the reports names. */
export function unreported(lost: readonly Acknowledgement[], lastLine: string): readonly Acknowledgement[] {
  const { reports } = JSON.parse(lastLine) as Answer;
  const named = (kind: string): readonly string[] =>
    reports
      .filter((report) => report.kind === kind)
      .flatMap(({ examples }) => examples.map((one) => JSON.stringify(one)));
  const [rows, files] = [named("database"), named("folder")];
  return lost.filter(({ kind, id }) => !(kind === "row" ? rows : files).some((entry) => entry.includes(id)));
}

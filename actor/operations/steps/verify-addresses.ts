import { defineStep, holds } from "../step.js";

/** Waits until every authoritative server that answers gives the new addresses. */
export const verifyAddresses = defineStep({
  name: "verify-addresses",
  title: "Verify the addresses on every authoritative server",
  limitSeconds: (settings) => settings.dns.limitSeconds * 3,
  patienceSeconds: 120,
  do: () => Promise.resolve(),
  verify: async ({ context, signal }) => {
    const own = context.ports.nameServer.addressesOf(context.server).join(" ");
    const answers = await context.ports.nameServer.readAddresses(signal);
    const late = answers.filter((answer) => answer.error === undefined && answer.addresses.join(" ") !== own);
    const silent = answers.filter((answer) => answer.error !== undefined);
    for (const answer of silent) {
      context.ports.log.warn("authoritative-server-silent", { server: answer.server, because: answer.error ?? "" });
    }
    if (silent.length === answers.length) return { holds: false, because: "no authoritative server answers" };
    if (late.length === 0) return holds;
    return { holds: false, because: `old addresses at ${late.map((answer) => answer.server).join(", ")}` };
  },
  undo: { kind: "point-of-no-return", because: "this server owns the name" },
});

import { AppError } from "../../../shared/core/app-error.js";
import { namesNotPublished } from "../../core/dns-records.js";
import { defineStep, holds } from "../step.js";

/** Moves the names to this server; the update server checks that this server still owns them. */
export const publishAddresses = defineStep({
  name: "publish-addresses",
  title: "Publish this server's addresses under the name",
  limitSeconds: (settings) => settings.dns.limitSeconds * 2,
  patienceSeconds: 600,
  do: async ({ context, signal }) => {
    const { record } = context.store.facts;
    if (record?.active !== context.server) throw new AppError("OWNERSHIP_LOST", "this server no longer owns the name");
    context.situation.updatesTotal += 1;
    const outcome = await context.ports.nameServer.publish(record, signal);
    if (outcome.kind === "done") return;
    context.situation.updateFailuresTotal += 1;
    // A violated prerequisite is a frozen update server at worst; the watch reads the record and fences if it is lost.
    throw new AppError("DNS_REFUSED", `the addresses were not published: ${outcome.because}`);
  },
  verify: async ({ context, signal }) => {
    const { nameServer } = context.ports;
    const own = nameServer.addressesOf(context.server);
    const more = nameServer.moreNamesOf(context.server);
    const answers = await nameServer.readAddresses(signal);
    const isPublished = answers.some(
      (answer) => answer.error === undefined && namesNotPublished(answer, own, more).length === 0,
    );
    return isPublished ? holds : { holds: false, because: "no authoritative server answers the new addresses yet" };
  },
  undo: { kind: "point-of-no-return", because: "this server owns the name" },
});

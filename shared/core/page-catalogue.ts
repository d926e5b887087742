/** What a person fills in before the operation; an empty list: nothing but a confirmation. */
export interface PageField {
  readonly name: "reason" | "hours" | "code" | "peerIsOff" | "operation";
  readonly label: string;
}

export interface PageEntry {
  readonly title: string;
  /** What it does, in words for somebody who was woken up. */
  readonly purpose: string;
  readonly group: "switching" | "care" | "trying out";
  /** `careful`: users notice it, or it cannot be taken back. */
  readonly weight: "light" | "careful";
  readonly fields: readonly PageField[];
}

const reason: PageField = { name: "reason", label: "Why (it stands in the history)" };

const peerIsOff: PageField = {
  name: "peerIsOff",
  label:
    "The application on the other server is stopped, and stays so: I have made sure of it. (Needed only where peer-stops above has not passed; where it has, this changes nothing.)",
};

/** The operation pages of the admin listener, `/ops/<name>`: the dashboards' links and the pages are made from it. */
export const pageCatalogue = {
  "switch-to-secondary": {
    title: "Switch to the secondary",
    purpose:
      "Moves the application to the secondary as planned: synchronises, stops it on the primary, sends the rest, starts it on the secondary and moves the name. Nothing is lost; users wait for a moment. Both servers must be alive.",
    ...{ group: "switching", weight: "careful", fields: [reason] },
  },
  "switch-to-primary": {
    title: "Switch back to the primary",
    purpose:
      "The failback: moves the application from the secondary to the primary as planned, losing nothing. Before it, everything that was written on the secondary is synchronised back.",
    ...{ group: "switching", weight: "careful", fields: [reason] },
  },
  failover: {
    title: "Fail over: the primary is lost",
    purpose:
      "Lets the secondary take over from a primary that is lost. What the primary had not sent any more is lost. It waits until the primary must have stopped itself, so that never both serve.",
    ...{ group: "switching", weight: "careful", fields: [reason] },
  },
  "force-to-secondary": {
    title: "Force: the secondary takes over",
    purpose:
      "When neither a switch nor a failover is possible: the secondary serves with the data it has. What was not copied yet is lost. Look at what is checked first.",
    ...{ group: "switching", weight: "careful", fields: [peerIsOff, reason] },
  },
  "force-to-primary": {
    title: "Force: the primary takes over",
    purpose:
      "When no switch back is possible: the primary serves with the data it has. What was written on the secondary and not copied back yet is lost. Look at what is checked first.",
    ...{ group: "switching", weight: "careful", fields: [peerIsOff, reason] },
  },
  abort: {
    title: "Abort the running operation",
    purpose:
      "Undoes a switchover that has not passed its point of no return, which is the claim of the name; the application goes on where it was. From then on it is refused.",
    ...{ group: "switching", weight: "careful", fields: [{ name: "operation", label: "Which operation" }] },
  },
  pause: {
    title: "Pause automatic switching",
    purpose: "No automatic failover for some hours; synchronisation goes on, and you can still switch. Ends by itself.",
    ...{
      group: "care",
      weight: "light",
      fields: [{ name: "hours", label: "For how many hours (0.1 to 168)" }, reason],
    },
  },
  resume: {
    title: "End the pause",
    purpose: "Automatic switching goes on before the end of the pause.",
    ...{ group: "care", weight: "light", fields: [] },
  },
  "mark-checked": {
    title: "Mark the pair as checked",
    purpose:
      "Says that a person has looked: ends configuration errors whose cause is gone. What is still wrong is found again at the next look.",
    ...{ group: "care", weight: "light", fields: [] },
  },
  acknowledge: {
    title: "Acknowledge an automatic failover",
    purpose:
      "After an automatic failover there is no second one until somebody acknowledges it, or a day has passed. This also marks the pair as checked.",
    ...{ group: "care", weight: "light", fields: [] },
  },
  "turn-off": {
    title: "Turn SpareSync off",
    purpose:
      "Stops synchronisation and automatic switching on both servers until it is turned on again. The application goes on where it runs, without a spare.",
    ...{ group: "care", weight: "careful", fields: [reason] },
  },
  "turn-on": {
    title: "Turn SpareSync on",
    purpose: "Synchronisation and automatic switching go on, on both servers.",
    ...{ group: "care", weight: "light", fields: [reason] },
  },
  "test-message": {
    title: "Send a test message",
    purpose: "Sends a mail to the addresses of the settings, to show that messages would arrive.",
    ...{ group: "trying out", weight: "light", fields: [{ name: "code", label: "Which message to show" }] },
  },
  "test-dns-record": {
    title: "Test the DNS updates",
    purpose:
      "Adds a test name at the update server, reads it back, deletes it and sees that it is gone. Touches no name that users know.",
    ...{ group: "trying out", weight: "light", fields: [] },
  },
  drill: {
    title: "Hold a drill",
    purpose:
      "Lets the spare rehearse a takeover without being able to serve by it, and measures how long one would take. The active server is not touched.",
    ...{ group: "trying out", weight: "light", fields: [] },
  },
} as const satisfies Readonly<Record<string, PageEntry>>;

export type PageName = keyof typeof pageCatalogue;

/** All pages, in the order in which people are shown them. */
export const pageNames = Object.keys(pageCatalogue) as readonly PageName[];

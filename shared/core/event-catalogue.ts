/** What an event is about; `sparesync history --kind` takes these words as well as the names. */
export const eventKinds = [
  "process",
  "operator",
  "operation",
  "ownership",
  "availability",
  "synchronisation",
  "message",
] as const;
export type EventKind = (typeof eventKinds)[number];

/**
 * What happened, as the history of a server tells it: each name with what it is about and its meaning. Those that are
 * also codes of the message catalogue are told to people. The exporter shows when each happened last.
 */
export const eventCatalogue = {
  ActorStarted: { kind: "process", meaning: "SpareSync was started on this server." },
  ActorStopping: { kind: "process", meaning: "SpareSync was stopped in order on this server." },
  TurnedOff: { kind: "operator", meaning: "SpareSync was turned off." },
  TurnedOn: { kind: "operator", meaning: "SpareSync was turned on." },
  MarkedChecked: {
    kind: "operator",
    meaning: "A person has checked the pair after an error or an automatic failover.",
  },
  DivergenceAcknowledged: {
    kind: "operator",
    meaning: "A person has looked at what a lost server had and the other never got.",
  },
  OperatorActed: {
    kind: "operator",
    meaning: "A person asked for something that is not an operation; `why` says what.",
  },
  Paused: { kind: "operator", meaning: "Automatic switching was paused." },
  Resumed: { kind: "operator", meaning: "The pause of automatic switching was ended before its time." },
  FailoverAsked: {
    kind: "operation",
    meaning: "Somebody asked for a failover; whether there is one is decided after it.",
  },
  OperationStarted: { kind: "operation", meaning: "An operation began on this server." },
  OperationEnded: { kind: "operation", meaning: "An operation came to its end, or waits for a person." },
  SwitchOnMainAppUnavailable: {
    kind: "operation",
    meaning: "The managed system is down although the servers are connected; it will be switched.",
  },
  SwitchedSuccessfully: { kind: "operation", meaning: "The managed system was switched to the other server." },
  SwitchedFailed: { kind: "operation", meaning: "The managed system could not be switched to the other server." },
  OwnershipChanged: { kind: "ownership", meaning: "Another server, or another epoch, owns the name." },
  MainAppInvisible: { kind: "availability", meaning: "The managed system was first seen to be unavailable." },
  MainAppVisible: { kind: "availability", meaning: "The managed system became available." },
  ConnectionLost: {
    kind: "availability",
    meaning: "The other server was not heard of any more, or said that it stops.",
  },
  ConnectionRestored: { kind: "availability", meaning: "The other server was heard of again." },
  ExternalResourcesLost: { kind: "availability", meaning: "Too few of the external resources answered." },
  ExternalResourcesRestored: { kind: "availability", meaning: "Enough of the external resources answered again." },
  DivergenceFound: {
    kind: "synchronisation",
    meaning:
      "A server that returned had rows or files that the other never got, or a reverse synchronisation kept some.",
  },
  ConfigurationErrorFound: { kind: "synchronisation", meaning: "A configuration error was found." },
  ConfigurationErrorOver: {
    kind: "synchronisation",
    meaning: "A configuration error has ended, or was marked as checked.",
  },
  MessageSent: { kind: "message", meaning: "The mail server has taken a message." },
  MessageDropped: {
    kind: "message",
    meaning: "A message was given up: the mail server refused it, or too many waited.",
  },
} as const satisfies Readonly<Record<string, { readonly kind: EventKind; readonly meaning: string }>>;

export type EventName = keyof typeof eventCatalogue;

/** All names, in the order in which people are shown them. */
export const eventNames = Object.keys(eventCatalogue) as readonly EventName[];

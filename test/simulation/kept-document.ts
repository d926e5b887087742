interface KeptOperation {
  readonly id: string;
  readonly part: string;
  isPeerStopped: boolean;
  readonly steps: readonly { readonly name: string; readonly state: string; readonly runsOn: string }[];
}

/** What the stand-in for the disk looks at in the document of an actor's kept facts. */
export interface KeptDocument {
  operation?: KeptOperation | null;
  readonly lastOperations?: readonly { readonly id: string }[];
}

/**
 * The failures that stop a folder until a person has looked, by code of the error catalogue, on either side. Every other
 * one is of the message or of the moment (the pass is over, the role is about to change, the peer is starting): what
 * was to be done is done again by the next try.
 */
export const fatalCodes: ReadonlySet<string> = new Set([
  "FILE_VETO",
  "SETTINGS_INVALID",
  "FILE_FAILED",
  "FILE_NO_SPACE",
  "FILE_PATH_REFUSED",
  "NOT_FOUND",
  "STATE_UNREADABLE",
]);

/**
 * Every expected failure: its code, the HTTP status an answer carries, and one sentence for the operator. One line each;
 * docs/errors.md is generated from this table.
 */
export const errorCatalogue = {
  SETTINGS_INVALID: { httpStatus: 422, meaning: "The settings file holds a key or value that is not allowed." },
  SETTINGS_UNREADABLE: { httpStatus: 500, meaning: "The settings file or a file it names cannot be read." },
  NOT_AUTHENTICATED: { httpStatus: 401, meaning: "No valid token or certificate came with the request." },
  NOT_ALLOWED: { httpStatus: 403, meaning: "The role of the token does not permit this." },
  REQUEST_INVALID: { httpStatus: 400, meaning: "The request's body or query is not of the expected form." },
  REQUEST_TOO_LARGE: { httpStatus: 413, meaning: "The request's body is larger than the limit." },
  NOT_FOUND: { httpStatus: 404, meaning: "There is nothing of that name." },
  OPERATION_REFUSED: { httpStatus: 409, meaning: "The operation cannot start now; the message says why." },
  OPERATION_RUNNING: { httpStatus: 409, meaning: "Another operation is running; only one at a time per pair." },
  STEP_FAILED: { httpStatus: 500, meaning: "A step of an operation did not reach its goal." },
  DEADLINE_EXCEEDED: { httpStatus: 504, meaning: "Something did not answer within its limit." },
  ABORTED: { httpStatus: 503, meaning: "The work was cancelled because the process stops or the operation ended." },
  PEER_UNREACHABLE: { httpStatus: 503, meaning: "The other server's actor does not answer." },
  PEER_REFUSED: { httpStatus: 502, meaning: "The other server's actor refused the message." },
  LINK_REFUSED: { httpStatus: 403, meaning: "A message on the link was not authentic, fresh or of this pair." },
  DNS_UNREACHABLE: { httpStatus: 503, meaning: "The name server does not answer." },
  DNS_REFUSED: { httpStatus: 502, meaning: "The name server refused the request." },
  DNS_INVALID: { httpStatus: 502, meaning: "An answer of the name server cannot be understood or is not authentic." },
  OWNERSHIP_LOST: { httpStatus: 409, meaning: "The ownership record says that the other server is active." },
  OWNERSHIP_UNCLEAR: { httpStatus: 409, meaning: "Who owns the name is not known for certain." },
  EPOCH_TOO_OLD: { httpStatus: 409, meaning: "The message belongs to an epoch that is over." },
  MANAGED_SYSTEM_FAILED: { httpStatus: 500, meaning: "A control of the managed system did not do what it was asked." },
  DATABASE_FAILED: { httpStatus: 500, meaning: "A database statement failed." },
  DATABASE_UNREACHABLE: { httpStatus: 503, meaning: "The database server does not answer." },
  DATABASE_BUSY: { httpStatus: 503, meaning: "The database could not do it now (lock, deadlock); it is tried again." },
  DATABASE_UNSUPPORTED: { httpStatus: 422, meaning: "The database holds something that cannot be synchronised." },
  REINITIALISATION_REQUIRED: { httpStatus: 409, meaning: "The target is not a copy; a reinitialisation is needed." },
  FILE_PATH_REFUSED: { httpStatus: 400, meaning: "A path leaves its folder or is not allowed." },
  FILE_FAILED: { httpStatus: 500, meaning: "A file could not be read, written or removed." },
  FILE_VETO: { httpStatus: 409, meaning: "Synchronising would delete or overwrite too much; a person must look." },
  STATE_UNREADABLE: { httpStatus: 500, meaning: "The state kept on disk cannot be read." },
} as const satisfies Record<string, { readonly httpStatus: number; readonly meaning: string }>;

export type ErrorCode = keyof typeof errorCatalogue;

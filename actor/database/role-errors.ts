import { AppError } from "../../shared/core/app-error.js";

/** Asked of a database that does not send. */
export function notSource(database: string): Error {
  return new AppError("OPERATION_REFUSED", `database ${database} is not a source here`);
}

/** Asked of a database whose role has not been taken up yet. */
export function notReady(database: string, because: string | undefined): Error {
  return new AppError(
    "DATABASE_UNREACHABLE",
    `database ${database} is not ready: ${because ?? "it is being prepared"}`,
  );
}

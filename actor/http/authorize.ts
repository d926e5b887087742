import { AppError } from "../../shared/core/app-error.js";
import type { Access, Caller } from "./route.js";

/** Who a token belongs to; undefined: nobody. Compares hashes in constant time. */
export type VerifyToken = (token: string) => Caller | undefined;

/** RFC 6750 section 2.1; the scheme's name is compared without regard to case (RFC 9110 section 11.1). */
const bearer = /^Bearer ([A-Za-z0-9._~+/=-]{1,512})$/i;

/**
 * The caller, by his token or by the certificate he has shown, if the route is open to him; undefined where anyone may ask. Throws NOT_AUTHENTICATED or NOT_ALLOWED. The
 * roles are not a ladder: Alertmanager's token, which lies in a file of the monitoring, does nothing but post alerts,
 * and an operator cannot pretend to be Alertmanager.
 */
export function authorize(
  access: Access,
  authorization: string | undefined,
  verifyToken: VerifyToken,
  certified?: Caller,
): Caller | undefined {
  if (access === "anyone") return undefined;
  const token = bearer.exec(authorization ?? "")?.[1];
  // A header that says something wrong is refused whatever else is shown: somebody should hear of it.
  const withoutHeader = authorization === undefined || authorization === "" ? certified : undefined;
  const caller = token === undefined ? withoutHeader : verifyToken(token);
  if (caller === undefined) {
    throw new AppError("NOT_AUTHENTICATED", "a valid access token is needed", {
      hint: "Send the header `Authorization: Bearer <token>`; `sparesync init` shows the tokens once.",
    });
  }
  if (isAllowed(access, caller.role)) return caller;
  throw new AppError("NOT_ALLOWED", `this needs the role ${access}; "${caller.name}" has ${caller.role}`);
}

function isAllowed(access: Exclude<Access, "anyone">, role: Caller["role"]): boolean {
  return access === role || (access === "viewer" && role === "operator");
}

import type { PreCheckView } from "../../shared/core/operation-plan.js";
import type { ClockPort } from "../../shared/core/clock-port.js";
import type { NameServerTestLine } from "../dns/test-update.js";
import type { RehearsedPart, SampledFiles } from "../sync-part.js";
import type { DrillApplication } from "./drill-port.js";

/**
 * All that a drill can do. There is nothing here to claim the name, to publish an address, to promote or to start the
 * managed system with: whatever goes wrong in a drill, the spare cannot come to serve by it.
 */
export interface DrillParts {
  readonly clock: ClockPort;
  checks(): Promise<readonly PreCheckView[]>;
  testNameServer(signal: AbortSignal): Promise<readonly NameServerTestLine[]>;
  /** Promotes in transactions that are rolled back. */
  rehearsePromotion(signal: AbortSignal): Promise<readonly RehearsedPart[]>;
  sampleFiles(signal: AbortSignal): Promise<readonly SampledFiles[]>;
  /** Whether anything of the managed system itself runs or answers here. */
  isServing(signal: AbortSignal): Promise<boolean>;
  readonly application: DrillApplication | undefined;
  readonly applicationLimitSeconds: number;
}

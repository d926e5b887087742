import type { WireOperation } from "../core/file-operation.js";
import { findUnrepresentable, type PathSystem } from "../core/file-path.js";
import type { ApplyAnswer } from "../core/file-wire.js";

export interface RepresentableOperations {
  readonly operations: readonly WireOperation[];
  readonly contents: readonly Buffer[];
  /** How many are left out because of their names. */
  readonly refused: number;
  /** The answer for the batch as it came, made of that for what is left. */
  readonly complete: (answer: ApplyAnswer) => ApplyAnswer;
}

/**
 * The operations of a batch whose names this system can have. The others are failures of theirs alone; the disk is not asked
 * about such a name, which may be that of a device.
 */
export function keepRepresentable(
  operations: readonly WireOperation[],
  contents: readonly Buffer[],
  system: PathSystem,
): RepresentableOperations {
  const failures: ApplyAnswer["failures"] = [];
  for (const [index, operation] of operations.entries()) {
    const because = faultOf(operation, system);
    if (because !== undefined) failures.push({ index, because });
  }
  if (failures.length === 0) return { operations, contents, refused: 0, complete: (answer) => answer };
  const left = new Set(operations.keys());
  for (const { index } of failures) left.delete(index);
  const places = [...left];
  const inPlace = (named: ApplyAnswer["failures"]): ApplyAnswer["failures"] =>
    named.map(({ index, because }) => ({ index: places[index] ?? index, because }));
  return {
    operations: operations.filter((_, index) => left.has(index)),
    contents: contents.filter((_, index) => left.has(index)),
    refused: failures.length,
    complete: (answer) => ({ failures: [...failures, ...inPlace(answer.failures)], unset: inPlace(answer.unset) }),
  };
}

function faultOf(operation: WireOperation, system: PathSystem): string | undefined {
  if (!("path" in operation)) return undefined;
  const paths = operation.do === "move" ? [operation.path, operation.from] : [operation.path];
  return paths.map((path) => findUnrepresentable(path, system)?.because).find((because) => because !== undefined);
}

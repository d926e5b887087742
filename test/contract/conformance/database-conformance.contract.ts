import { afterAll, beforeAll, test } from "@jest/globals";
import { ConformanceBench } from "./conformance-bench.js";
import { conformanceCases } from "./conformance-cases.js";
import type { ConformanceFixture } from "./conformance-fixture.js";

/** The cases that every engine must pass on every server; a new server is one more fixture. `patience` stretches the
 * limits of time for a slow one. */
export function describeDatabaseConformance(start: () => Promise<ConformanceFixture>, patience = 1): void {
  let fixture: ConformanceFixture;

  beforeAll(async () => {
    fixture = await start();
  }, 180_000);
  afterAll(async () => {
    await fixture.close();
  });

  for (const one of conformanceCases) {
    test(
      `case ${one.number}: ${one.title}`,
      async () => {
        const because =
          fixture.dialect.impossible[one.number] ??
          (one.needsConcurrency && !fixture.isConcurrent ? "it needs sessions at the same time" : undefined);
        if (because !== undefined) {
          console.log(`not applicable on ${fixture.name}: case ${one.number}: ${because}`);
          return;
        }
        const bench = await ConformanceBench.open(fixture);
        try {
          await one.run(bench);
        } finally {
          await bench.close();
        }
      },
      one.limitSeconds * 1000 * patience,
    );
  }
}

import { describe, expect, test } from "@jest/globals";
import { readMetricWord, readQueryWord } from "../../../actor/core/vantage-word.js";

/** As blackbox exporter writes it. */
const page = (value: string): string => `# HELP probe_duration_seconds Returns how long the probe took
# TYPE probe_duration_seconds gauge
probe_duration_seconds 0.012
# HELP probe_success Displays whether or not the probe was a success
# TYPE probe_success gauge
probe_success ${value}
`;

describe("a page of metrics", () => {
  test.each([
    { text: page("1"), says: "up" },
    { text: page("0"), says: "down" },
    { text: page("NaN"), says: "nothing" },
    { text: "probe_success_total 1\n", says: "nothing" },
    { text: "# probe_success 1\n", says: "nothing" },
    { text: "", says: "nothing" },
    { text: 'probe_success{instance="a b",path="/}"} 0 1700000000000\n', says: "down" },
    { text: 'probe_success{instance="a"} 0\nprobe_success{instance="b"} 1\n', says: "up" },
    { text: "<html>not found</html>", says: "nothing" },
  ])("says $says: $text", ({ text, says }) => {
    expect(readMetricWord(text, "probe_success").says).toBe(says);
  });

  test("is read for the metric that is named", () => {
    expect(readMetricWord(page("0"), "probe_duration_seconds")).toEqual({
      says: "up",
      because: "probe_duration_seconds is 0.012",
    });
  });
});

describe("an answer of Prometheus", () => {
  const answer = (...values: string[]): string =>
    JSON.stringify({
      status: "success",
      data: { resultType: "vector", result: values.map((value) => ({ metric: {}, value: [1.7e9, value] })) },
    });

  test.each([
    { text: answer("1"), says: "up" },
    { text: answer("0"), says: "down" },
    { text: answer("0", "1"), says: "up" },
    { text: answer("0", "NaN"), says: "down" },
    { text: answer(), says: "nothing" },
    { text: '{"status":"error","errorType":"bad_data","error":"parse error"}', says: "nothing" },
    { text: '{"status":"success","data":{"resultType":"scalar","result":[1,"0"]}}', says: "nothing" },
    { text: "no JSON", says: "nothing" },
  ])("says $says: $text", ({ text, says }) => {
    expect(readQueryWord(text).says).toBe(says);
  });
});

import { findProgram, neededPrograms } from "../run-tests/needed-programs.js";

/** The environment in which a program's wall clock is shifted by so much ("+1h"), as libfaketime's faketime(1) sets it. */
export function fakeTime(shift: string): Readonly<Record<string, string>> {
  const library = neededPrograms.find(({ name }) => name === "libfaketime.so.1");
  const file = library && findProgram(library);
  if (file === undefined) throw new Error("libfaketime is missing (Debian: libfaketime)");
  // Waits are measured by the monotonic clock, which is right on a server whose wall clock is wrong.
  return { LD_PRELOAD: file, FAKETIME: shift, FAKETIME_DONT_FAKE_MONOTONIC: "1" };
}

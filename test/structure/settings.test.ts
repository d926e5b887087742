import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { settingMetadata } from "../../shared/core/settings/setting.js";
import { settingsSchema } from "../../shared/core/settings/settings.js";

/** Every leaf of the settings, as path → schema. */
function* leaves(schema: z.ZodType, path: string): Generator<readonly [string, z.ZodType]> {
  if (settingMetadata(schema) !== undefined) {
    yield [path, schema];
  } else if (schema instanceof z.ZodObject) {
    for (const [key, value] of Object.entries(schema.shape)) yield* leaves(value as z.ZodType, `${path}.${key}`);
  } else if (schema instanceof z.ZodArray) {
    yield* leaves(schema.element as z.ZodType, `${path}[]`);
  } else if (schema instanceof z.ZodDiscriminatedUnion || schema instanceof z.ZodUnion) {
    for (const option of schema.options) yield* leaves(option as z.ZodType, path);
  } else if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) {
    yield* leaves(schema.unwrap() as z.ZodType, path);
  } else {
    yield [path, schema];
  }
}

const found = [...leaves(settingsSchema, "")];

/** What tells items of a list or kinds of a control apart is part of the form, not a setting of its own. */
const partsOfTheForm = /\.kind$|\.externalResources\.resources\[\]/;

describe("settings", () => {
  test("every leaf declares purpose and scope", () => {
    const undeclared = found.filter(
      ([path, schema]) => settingMetadata(schema) === undefined && !partsOfTheForm.test(path),
    );
    expect(undeclared.map(([path]) => path)).toEqual([]);
  });

  test("every purpose is one sentence", () => {
    const wrong = found.filter(([, schema]) => {
      const purpose = settingMetadata(schema)?.purpose;
      return purpose !== undefined && !/^\S.*\.$/.test(purpose);
    });
    expect(wrong.map(([path]) => path)).toEqual([]);
  });

  test("a number whose name ends in Seconds says its unit", () => {
    const wrong = found.filter(
      ([path, schema]) => /Seconds$/.test(path) && settingMetadata(schema)?.unit !== "seconds",
    );
    expect(wrong.map(([path]) => path)).toEqual([]);
  });
});

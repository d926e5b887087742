import { z } from "zod";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What the value of a leaf may be, in words for the administrator: "whole number from 1 to 65535". */
export function describeSettingType(schema: z.core.$ZodType): string {
  return describe(z.toJSONSchema(schema, { io: "input" }));
}

/** The keys of a leaf that is itself a group, such as an address: ["host", "port"]. */
export function settingKeys(schema: z.core.$ZodType): readonly string[] {
  const jsonSchema: JsonSchema = z.toJSONSchema(schema, { io: "input" });
  return Object.keys(jsonSchema.properties ?? asSchema(jsonSchema.items).properties ?? {});
}

function describe(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum) return `one of ${schema.enum.map((value) => `\`${String(value)}\``).join(", ")}`;
  if (schema.anyOf) return [...new Set(schema.anyOf.map((option) => describe(asSchema(option))))].join(" or ");
  if (schema.type === "integer") return `whole number${describeRange(schema)}`;
  if (schema.type === "number") return `number${describeRange(schema)}`;
  if (schema.type === "boolean") return "`true` or `false`";
  if (schema.type === "array") return `list of: ${describe(asSchema(schema.items))}`;
  if (schema.type === "object") return `\`{ ${Object.keys(schema.properties ?? {}).join(", ")} }\``;
  return schema.format === "ipv4" || schema.format === "ipv6" ? `${schema.format.replace("ip", "IP")} address` : "text";
}

function describeRange({ minimum, maximum }: JsonSchema): string {
  return ` from ${String(minimum)} to ${String(maximum)}`;
}

function asSchema(schema: unknown): JsonSchema {
  return typeof schema === "object" && schema !== null ? (schema as JsonSchema) : {};
}

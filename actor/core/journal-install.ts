import { describeChanges, type SchemaShape } from "./journal-schema.js";

export interface InstallFacts {
  /** Whether what is there is of this program's version. */
  readonly isInstalled: boolean;
  readonly installed: SchemaShape;
  readonly present: SchemaShape;
  /** Tables whose triggers are missing or switched off, with the reason. */
  readonly broken: Readonly<Record<string, string>>;
}

export type InstallDecision =
  | { readonly kind: "fine" }
  /** Nothing of this version is there: the scripts are installed. */
  | { readonly kind: "install" }
  /** Somebody took triggers away: what was written meanwhile is known to nobody. */
  | { readonly kind: "mend"; readonly because: string }
  /** The application's schema is another one: a person looks and installs the scripts again. */
  | { readonly kind: "changed"; readonly changes: readonly string[] };

/** Decides what a database needs before it can take up a role. */
export function decideInstall(facts: InstallFacts): InstallDecision {
  if (!facts.isInstalled) return { kind: "install" };
  const changes = describeChanges(facts.installed, facts.present);
  if (changes.length > 0) return { kind: "changed", changes };
  const broken = Object.entries(facts.broken).map(([label, because]) => `${label}: ${because}`);
  return broken.length > 0 ? { kind: "mend", because: broken.join("; ") } : { kind: "fine" };
}

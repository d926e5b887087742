import type { TableDefinition } from "../../actor/core/journal-schema.js";
import type { Parameter, Row, SqlServerConnection, Transaction } from "../../actor/database/sqlserver/connection.js";
import type { EngineContext } from "../../actor/database/sqlserver/context.js";
import type { ServerFacts } from "../../actor/database/sqlserver/server-facts.js";
import { SqlFiles } from "../../actor/database/sqlserver/sql-files.js";
import { tableLabel } from "../../actor/core/journal-schema.js";
import { testSettings } from "./database-fixture.js";

type Parts = Readonly<Record<string, string>>;
/** What a statement, by its file, does to the model's content and answers; `text` is how it is sent. */
export type Answer<Content> = (
  content: Content,
  parameters: readonly Parameter[],
  parts: Parts,
  text: string,
) => readonly Row[] | undefined;

/**
 * A SQL Server as far as a test needs one: the texts are those that are sent, what a statement does is said by the test, and a
 * transaction that fails leaves nothing.
 */
export class SqlServerModel<Content extends object> {
  content: Content;
  /** Another one after a connection was lost. */
  session: object = {};
  readonly facts: ServerFacts;
  /** Files of the statements, one array for each transaction that ended well. */
  readonly committed: (readonly string[])[] = [];
  /** Called before each statement, with its text as it is sent; what it throws, the statement throws. */
  beforeEach: (file: string, text: string) => void = () => undefined;
  readonly #answers: Readonly<Record<string, Answer<Content>>>;

  constructor(content: Content, answers: Readonly<Record<string, Answer<Content>>>, facts: Partial<ServerFacts> = {}) {
    this.content = content;
    this.#answers = answers;
    this.facts = {
      flavour: "sqlserver",
      version: "SQL Server 16.0.1000.6, Standard Edition",
      majorVersion: 16,
      minorVersion: 0,
      edition: "Standard Edition",
      compatibilityLevel: 160,
      isSnapshotAllowed: true,
      canHashLargeValues: true,
      hasSequences: true,
      canDelayDurability: true,
      ...facts,
    };
  }

  context(definitions: readonly TableDefinition[]): EngineContext {
    const connection: Pick<SqlServerConnection, "transaction" | "reconnect"> = {
      transaction: async (_, work) => {
        const before = structuredClone(this.content);
        const files: string[] = [];
        try {
          const result = await work(this.#transaction(files));
          this.committed.push(files);
          return result;
        } catch (error) {
          this.content = before;
          throw error;
        }
      },
      reconnect: () => Promise.resolve(),
    };
    return {
      connection: connection as SqlServerConnection,
      settings: testSettings("sqlserver", 1, "shop", { schemas: ["dbo"] }),
      newId: () => "new-id",
      lookedAt: undefined,
      tables: new Map(
        definitions.map((definition, at) => [tableLabel(definition), { n: at + 1, definition }] as const),
      ),
    };
  }

  #transaction(files: string[]): Transaction {
    const texts = new SqlFiles();
    const byText = new Map<string, { readonly file: string; readonly parts: Parts }>();
    const send = (text: string, parameters: readonly Parameter[]): Promise<readonly Row[]> => {
      const known = byText.get(text);
      if (!known) throw new TypeError(`not the text of one file: ${text}`);
      this.beforeEach(known.file, text);
      files.push(known.file);
      return Promise.resolve(this.#answers[known.file]?.(this.content, parameters, known.parts, text) ?? []);
    };
    return {
      server: this.facts,
      session: this.session,
      text: (file, parts = {}) => {
        const text = texts.text(this.facts.flavour, file, parts);
        byText.set(text, { file, parts });
        return text;
      },
      query: (text, parameters = []) => send(text, parameters),
      queryRows: async (text, parameters = []) => (await send(text, parameters)).map((row) => Object.values(row)),
      stream: async (text, take, parameters = []) => {
        for (const row of await send(text, parameters)) await take(Object.values(row));
      },
      batch: async (text) => {
        await send(text, []);
      },
      bulk: () => Promise.resolve(),
    };
  }
}

/**
 * One statement of the hot path on a connection of `pg`: Bind, Execute and Sync leave as one write with
 * binary parameters, Parse before them where the connection has not seen the statement yet. Rows come as
 * texts (null for NULL), in the order of the columns; nothing is asked that we know already (Describe), and
 * nothing is made of rows but their array. PostgreSQL documentation, "Message Flow", extended query.
 */
import type { Connection, Submittable } from 'pg';
import { MessageBuffer, writeParameter, type Parameter } from './parameters';

export type TextRow = readonly (string | null)[];

export interface BatchStatement {
  /** Names the prepared statement: one text for each name. */
  readonly name: string;
  readonly text: string;
  readonly parameters: readonly Parameter[];
}

/** What pg's client keeps of its connection, beyond its declared type. */
interface Prepared {
  readonly parsedStatements: Readonly<Record<string, string | undefined>>;
}

const CODE = { parse: 0x50, bind: 0x42 } as const;
const BINARY = 1;
/** Execute of the unnamed portal without a limit of rows, and Sync. */
const EXECUTE_AND_SYNC = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0x53, 0, 0, 0, 4]);

/** Writing is synchronous, so that one buffer serves all. */
const messages = new MessageBuffer();

/** The methods are those that pg's client calls on the query that is active. */
export class BatchQuery implements Submittable {
  readonly name: string;
  readonly text: string;
  readonly #rows: TextRow[] = [];
  #settled = false;

  constructor(
    private readonly statement: BatchStatement,
    private readonly resolve: (rows: readonly TextRow[]) => void,
    private readonly reject: (error: unknown) => void,
  ) {
    this.name = statement.name;
    this.text = statement.text;
  }

  submit(connection: Connection): null {
    const { parsedStatements } = connection as unknown as Prepared;
    // A connection that is gone ends its queries by itself.
    if (connection.stream.writable)
      connection.stream.write(encode(this.statement, parsedStatements[this.name] === undefined));
    return null;
  }

  handleRowDescription(): void {
    // Nothing asks for it.
  }

  handleDataRow({ fields }: { readonly fields: TextRow }): void {
    this.#rows.push(fields);
  }

  handleCommandComplete(): void {
    // ReadyForQuery follows.
  }

  handleEmptyQuery(): void {
    // No statement of ours is empty.
  }

  handleReadyForQuery(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.resolve(this.#rows);
  }

  handleError(error: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    this.reject(error);
  }
}

function encode({ name, text, parameters }: BatchStatement, parse: boolean): Buffer {
  messages.reset();
  if (parse) {
    messages.octet(CODE.parse);
    const at = messages.begin();
    messages.cString(name);
    messages.cString(text);
    messages.int16(0);
    messages.end(at, 4);
  }
  messages.octet(CODE.bind);
  const at = messages.begin();
  messages.cString('');
  messages.cString(name);
  messages.int16(1);
  messages.int16(BINARY);
  messages.int16(parameters.length);
  for (const parameter of parameters) writeParameter(messages, parameter);
  // Results as text.
  messages.int16(0);
  messages.end(at, 4);
  messages.octets(EXECUTE_AND_SYNC);
  return messages.copy();
}

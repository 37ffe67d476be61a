/**
 * The five operations that subscriptions and shared sets have in common, as subcommands: get, list, put,
 * patch, delete. Documents are read as JSON or YAML, and written as YAML, or as JSON with --json.
 */
import type { Command } from 'commander';
import type { z } from 'zod';
import { warningText, type ApiResponse, type Warning } from '../api-client';
import { positiveInteger } from '../arguments';
import type { CommandContext } from '../context';
import { isObject, parseText, readDocument, toYaml } from '../document-input';
import { CommandError, exitStatus } from '../exit-status';
import { table, type Cell } from '../table';

export interface DocumentKind {
  /** Name of the command. */
  readonly command: string;
  readonly noun: string;
  readonly collection: string;
  readonly key: 'id' | 'name';
  readonly schema: z.ZodType;
  readonly headings: readonly string[];
  row(document: Readonly<Record<string, unknown>>): readonly Cell[];
  /** Query options of `list`, by option name and description. */
  readonly lookups: Readonly<Record<string, string>>;
}

interface Page {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly nextCursor: string | null;
}

interface ChangeOptions {
  readonly ifMatch?: string;
  readonly merge?: string;
  readonly create?: boolean;
}

const pageEntriesCount = 500;
const defaultListCount = 100;

export const isPresent = <T>(value: T | undefined): value is T => value !== undefined;

function ifMatchHeader(options: ChangeOptions): Record<string, string> {
  if (options.ifMatch === undefined) return {};
  const tag = options.ifMatch;
  return { 'if-match': tag === '*' || tag.startsWith('"') ? tag : `"${tag}"` };
}

/** What a change left behind, and the doubts that came with it. */
function answerOf(body: unknown): { readonly document: unknown; readonly warnings: readonly Warning[] } {
  if (!isObject(body) || !Array.isArray(body['warnings'])) return { document: body, warnings: [] };
  const { warnings, ...document } = body;
  return { document, warnings: warnings as readonly Warning[] };
}

export function registerDocuments(program: Command, context: CommandContext, kind: DocumentKind): Command {
  const command = program.command(kind.command).description(`${kind.noun}s: get, list, put, patch, delete`);
  const pathOf = (name: string): string => `${kind.collection}/${encodeURIComponent(name)}`;
  const changed = (verb: string, name: string, response: ApiResponse<unknown>): void => {
    const { document, warnings } = answerOf(response.body);
    context.warn(warnings.map(warningText));
    context.print(
      { [kind.key]: name, result: verb, etag: response.etag, document, warnings },
      () => `${kind.noun} ${name} ${verb}${response.etag === null ? '' : `, ETag ${response.etag}`}`,
    );
  };

  command
    .command(`get <${kind.key}>`)
    .description('show one as YAML, or JSON with --json; secrets are never shown')
    .action(async (name: string) => {
      const { body } = await context.api().call<unknown>('GET', pathOf(name));
      context.print(body, () => toYaml(body));
    });

  const list = command
    .command('list')
    .description(`list ${kind.noun}s`)
    .option('--limit <count>', 'most entries', positiveInteger, defaultListCount)
    .option('--all', 'every entry');
  for (const [option, description] of Object.entries(kind.lookups))
    list.option(`--${option} <${option}>`, description);
  list.action(async (options: Record<string, string | number | boolean | undefined>) => {
    const lookups = Object.fromEntries(
      Object.keys(kind.lookups)
        .map((name) => [name, options[name]])
        .filter(([, value]) => typeof value === 'string'),
    ) as Record<string, string>;
    await listDocuments(
      context,
      kind,
      lookups,
      options['all'] === true ? Number.POSITIVE_INFINITY : Number(options['limit']),
    );
  });

  command
    .command('put <file>')
    .description(`create or replace one; the file is JSON or YAML, - is standard input`)
    .option('--if-match <etag>', 'only if this ETag is the stored one')
    .option('--create', 'only if there is none yet')
    .action(async (file: string, options: ChangeOptions) => {
      const document = await readDocument(context, file, kind);
      const name = isObject(document) ? document[kind.key] : undefined;
      if (typeof name !== 'string' || name === '')
        throw new CommandError(`the document has no "${kind.key}"`, exitStatus.failure);
      const response = await context.api().call<unknown>('PUT', pathOf(name), {
        json: document,
        headers: { ...ifMatchHeader(options), ...(options.create === true ? { 'if-none-match': '*' } : {}) },
      });
      changed(response.status === 201 ? 'created' : 'replaced', name, response);
    });

  command
    .command(`patch <${kind.key}> [file]`)
    .description('merge changes into one (RFC 7396); the patch is a file, - for standard input, or --merge')
    .option('--merge <json>', 'the patch itself, e.g. \'{"registrationAllowed": false}\'')
    .option('--if-match <etag>', 'only if this ETag is the stored one')
    .action(async (name: string, file: string | undefined, options: ChangeOptions) => {
      if ([file, options.merge].filter(isPresent).length !== 1)
        throw new CommandError('give a file or --merge', exitStatus.usage);
      const patch =
        options.merge === undefined
          ? await readDocument(context, file ?? '-', { schema: kind.schema, isPatch: true })
          : parseText(options.merge, '--merge', { schema: kind.schema, isPatch: true });
      const response = await context.api().call<unknown>('PATCH', pathOf(name), {
        json: patch,
        headers: { 'content-type': 'application/merge-patch+json', ...ifMatchHeader(options) },
      });
      changed('changed', name, response);
    });

  command
    .command(`delete <${kind.key}>`)
    .description('delete one')
    .option('--if-match <etag>', 'only if this ETag is the stored one')
    .action(async (name: string, options: ChangeOptions) => {
      const response = await context
        .api()
        .call<unknown>('DELETE', pathOf(name), { headers: ifMatchHeader(options) });
      changed('deleted', name, response);
    });
  return command;
}

async function listDocuments(
  context: CommandContext,
  kind: DocumentKind,
  lookups: Readonly<Record<string, string>>,
  most: number,
): Promise<void> {
  const api = context.api();
  const items: Readonly<Record<string, unknown>>[] = [];
  let cursor: string | null = null;
  do {
    const query: Record<string, string | number | undefined> =
      Object.keys(lookups).length > 0
        ? { ...lookups }
        : { limit: Math.min(pageEntriesCount, most - items.length), cursor: cursor ?? undefined };
    const { body }: ApiResponse<Page> = await api.call<Page>('GET', kind.collection, { query });
    items.push(...body.items);
    cursor = body.nextCursor;
  } while (cursor !== null && items.length < most);
  const more = cursor === null ? '' : `\n(the first ${items.length}; --limit or --all shows more)`;
  context.print(
    items,
    () =>
      table(
        kind.headings,
        items.map((item) => kind.row(item)),
        `No ${kind.noun}s.`,
      ) + more,
  );
}

/** `hss slf ...`: the table of the subscription locator through the HTTP API [29.228-6.4]. */
import { Option, type Command } from 'commander';
import { kindOfValue, locatorKinds, redirectUsages, type LocatorEntry } from '../locator/entry';
import type { ApiResponse } from '../../../cli/api-client';
import type { CommandContext, RegisterCommand } from '../../../cli/context';
import { CommandError, exitStatus } from '../../../cli/exit-status';
import { fields, table } from '../../../cli/table';
import { positiveInteger } from '../../../cli/arguments';
import { registerFill } from './fill';

interface Page {
  readonly items: readonly LocatorEntry[];
  readonly nextCursor: string | null;
}
interface ListOptions {
  readonly kind?: string;
  readonly host?: string;
  readonly limit: number;
  readonly all?: boolean;
}
interface PutOptions {
  readonly usage?: string;
  readonly maxCacheSeconds?: number;
  readonly ifMatch?: string;
  readonly create?: boolean;
}

const pageEntriesCount = 1_000;
const defaultListCount = 100;
const pathOf = (value: string): string => `/v1/locator/entries/${encodeURIComponent(value)}`;
/** A number alone is meant as the tel URI of it. */
const identityOf = (text: string): string => (/^\+\d+$/.test(text) ? `tel:${text}` : text);

function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d{1,10}$/.test(text) || value > 4_294_967_295)
    throw new CommandError(`"${text}" is not a whole number from 0 to 4294967295`, exitStatus.usage);
  return value;
}

const tagHeader = (tag: string | undefined): Record<string, string> =>
  tag === undefined ? {} : { 'if-match': tag === '*' || tag.startsWith('"') ? tag : `"${tag}"` };

export const registerSlf: RegisterCommand = (program, context) => {
  const slf = program.command('slf').description('the subscription locator: show, list, put, delete, fill');
  slf
    .command('show <identity>')
    .description('which HSSs a request about this identity is sent to, and by which entry')
    .action(async (identity: string) => {
      const { body } = await context
        .api()
        .call<LocatorEntry>('GET', '/v1/locator/resolve', { query: { identity: identityOf(identity) } });
      context.print(body, () =>
        fields([
          ['found by', `${body.kind} ${body.value}`],
          ...body.hosts.map((host, i) => [i === 0 ? 'HSS' : '', host] as const),
          ['usage', body.usage ?? 'as configured'],
          ['cached for', body.maxCacheSeconds === undefined ? 'as configured' : `${body.maxCacheSeconds} s`],
        ]),
      );
    });
  registerList(slf, context);
  registerChanges(slf, context);
  registerFill(slf, context);
};

function registerList(slf: Command, context: CommandContext): void {
  slf
    .command('list')
    .description('list entries')
    .addOption(new Option('--kind <kind>', 'only entries of this kind').choices(locatorKinds))
    .option('--host <host>', 'only entries that name this HSS')
    .option('--limit <count>', 'most entries', positiveInteger, defaultListCount)
    .option('--all', 'every entry')
    .action(async (options: ListOptions) => {
      const api = context.api();
      const most = options.all === true ? Number.POSITIVE_INFINITY : options.limit;
      const items: LocatorEntry[] = [];
      let cursor: string | null = null;
      do {
        const { body }: ApiResponse<Page> = await api.call<Page>('GET', '/v1/locator/entries', {
          query: {
            kind: options.kind,
            host: options.host,
            limit: Math.min(pageEntriesCount, most - items.length),
            cursor: cursor ?? undefined,
          },
        });
        items.push(...body.items);
        cursor = body.nextCursor;
      } while (cursor !== null && items.length < most);
      const more = cursor === null ? '' : `\n(the first ${items.length}; --limit or --all shows more)`;
      context.print(
        items,
        () =>
          table(
            ['KIND', 'VALUE', 'HSS', 'USAGE', 'SECONDS'],
            items.map((item) => [
              item.kind,
              item.value,
              item.hosts.join(', '),
              item.usage,
              item.maxCacheSeconds,
            ]),
            'No locator entries.',
          ) + more,
      );
    });
}

function registerChanges(slf: Command, context: CommandContext): void {
  slf
    .command('put <value> <host...>')
    .description(
      'create or replace one: an identity, "+49301000-+49301999", "+4930*", a wildcarded identity or a domain; then its HSSs in order',
    )
    .addOption(new Option('--usage <usage>', 'Redirect-Host-Usage').choices(redirectUsages))
    .option('--max-cache-seconds <seconds>', 'Redirect-Max-Cache-Time', seconds)
    .option('--if-match <etag>', 'only if this ETag is the stored one')
    .option('--create', 'only if there is none yet')
    .action(async (value: string, hosts: string[], options: PutOptions) => {
      const { usage, maxCacheSeconds, ifMatch, create } = options;
      const response = await context.api().call<LocatorEntry>('PUT', pathOf(value), {
        json: { kind: kindOfValue(value), value, hosts, usage, maxCacheSeconds },
        headers: { ...tagHeader(ifMatch), ...(create === true ? { 'if-none-match': '*' } : {}) },
      });
      const verb = response.status === 201 ? 'created' : 'replaced';
      context.print(
        { value: response.body.value, result: verb, etag: response.etag, document: response.body },
        () => `${response.body.kind} ${response.body.value} ${verb}, ETag ${response.etag ?? '-'}`,
      );
    });
  slf
    .command('delete <value>')
    .description('delete one')
    .option('--if-match <etag>', 'only if this ETag is the stored one')
    .action(async (value: string, { ifMatch }: { readonly ifMatch?: string }) => {
      await context.api().call<unknown>('DELETE', pathOf(value), { headers: tagHeader(ifMatch) });
      context.print({ value, result: 'deleted' }, () => `locator entry ${value} deleted`);
    });
}

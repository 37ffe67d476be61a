/**
 * `hss slf fill`: the locator's table from what HSSs hold, read from their HTTP APIs: one entry for each
 * public and private identity, wildcarded ones as wildcards. What is read is passed on at once, so that size
 * does not matter; only --prune keeps the identities.
 */
import type { Command } from 'commander';
import { canonicalName, canonicalRedirectHost, kindOfValue, type LocatorEntry } from '../locator/entry';
import type { SubscriptionDocument } from '../../../subscriber/subscription-document';
import { ApiClient, type ApiResponse } from '../../../cli/api-client';
import type { CommandContext } from '../../../cli/context';
import { CommandError, exitStatus } from '../../../cli/exit-status';
import { responseLines } from '../../../cli/response-lines';
import { fields } from '../../../cli/table';
import { sendRecords } from '../../../cli/send-records';

interface FillOptions {
  readonly from: string[];
  readonly fromToken?: string;
  readonly publicOnly?: boolean;
  readonly prune?: boolean;
}

interface Source {
  readonly api: ApiClient;
  readonly hosts: readonly string[];
  subscriptions: number;
  /** Canonical values that it has; kept for --prune only. */
  readonly seen: Set<string> | null;
}

const pieceCharacters = 65_536;
const failuresShownCount = 20;
const pageEntriesCount = 1_000;
const callTimeoutMs = 30_000;

export function registerFill(slf: Command, context: CommandContext): void {
  slf
    .command('fill')
    .description('fill the table from what HSSs hold, through their HTTP APIs')
    .requiredOption(
      '--from <source...>',
      'API of an HSS and its Diameter identities in order: http://10.0.0.1:8080=hss1.example.org,hss1b.example.org',
    )
    .option('--from-token <token>', 'bearer token of those APIs (HSS_FROM_TOKEN)')
    .option('--public-only', 'no entries for private identities')
    .option('--prune', 'delete entries of these HSSs for identities that they no longer have')
    .action((options: FillOptions) => fill(context, options));
}

function sourceOf(text: string, token: string | undefined, keep: boolean): Source {
  const [, baseUrl = '', names = ''] = /^(https?:\/\/[^=\s]+)=(\S+)$/.exec(text) ?? [];
  const hosts = names.split(',').map((name) => canonicalRedirectHost(name));
  const wrong = hosts.find((host) => !host.ok);
  if (baseUrl === '' || wrong !== undefined) {
    throw new CommandError(
      `--from ${text}: must be <api-url>=<Diameter identity or URI>[,...]${wrong?.ok === false && baseUrl !== '' ? `; a name ${wrong.reason}` : ''}`,
      exitStatus.usage,
    );
  }
  return {
    api: new ApiClient({ baseUrl, token, timeoutMs: callTimeoutMs }),
    hosts: hosts.flatMap((host) => (host.ok ? [host.value] : [])),
    subscriptions: 0,
    seen: keep ? new Set() : null,
  };
}

async function fill(context: CommandContext, options: FillOptions): Promise<void> {
  const token = options.fromToken ?? context.env['HSS_FROM_TOKEN'];
  const sources = options.from.map((text) => sourceOf(text, token, options.prune === true));
  const startedMs = Date.now();
  const { counts, failures, aborted } = await sendRecords(
    context,
    {
      octets: entriesOf(sources, options.publicOnly === true),
      mediaType: 'application/x-ndjson',
      fileLine: (line) => line,
      failures: [],
    },
    () => undefined,
    failuresShownCount,
  );
  const whole = aborted === null && counts.failed === 0;
  let pruned = 0;
  // Nothing is taken away on the grounds of what may be incomplete.
  if (options.prune === true && whole) for (const source of sources) pruned += await prune(context, source);
  const subscriptions = sources.reduce((sum, source) => sum + source.subscriptions, 0);
  const result = {
    subscriptions,
    entries: counts.records,
    created: counts.created,
    replaced: counts.replaced,
    unchanged: counts.unchanged,
    failed: counts.failed,
    pruned,
    durationMs: Date.now() - startedMs,
  };
  context.print({ ...result, aborted, failures }, () =>
    [
      ...failures.map(
        (failure) =>
          `${failure.name ?? 'an entry'}: ${failure.detail} ${failure.errors.map((error) => error.detail).join('; ')}`,
      ),
      fields(Object.entries(result)),
    ].join('\n'),
  );
  if (aborted !== null) throw new CommandError(`the table is not filled: ${aborted}`);
  if (counts.failed > 0)
    throw new CommandError(
      `${counts.failed} of ${counts.records} entries failed${options.prune === true ? '; nothing was pruned' : ''}`,
    );
}

/** Import lines of all the sources, one source after the other. */
async function* entriesOf(
  sources: readonly Source[],
  publicOnly: boolean,
): AsyncGenerator<Uint8Array, void, undefined> {
  let piece = '';
  for (const source of sources) {
    const response = await source.api.open('GET', '/v1/export', {
      query: { what: 'subscriptions' },
      headers: { accept: 'application/x-ndjson' },
      timeoutMs: 0,
    });
    for await (const line of responseLines(response)) {
      source.subscriptions += 1;
      for (const value of identitiesOf(JSON.parse(line) as SubscriptionDocument, publicOnly)) {
        const name = source.seen === null ? null : canonicalName(value);
        if (name !== null) source.seen?.add(name);
        piece += `${JSON.stringify({ locator: { kind: kindOfValue(value), value, hosts: source.hosts } })}\n`;
      }
      if (piece.length < pieceCharacters) continue;
      yield Buffer.from(piece);
      piece = '';
    }
  }
  if (piece !== '') yield Buffer.from(piece);
}

function identitiesOf(
  { privateIdentities, implicitRegistrationSets }: SubscriptionDocument,
  publicOnly: boolean,
): string[] {
  return [
    ...implicitRegistrationSets.flatMap((set) => set.publicIdentities.map(({ identity }) => identity)),
    ...(publicOnly ? [] : privateIdentities.map(({ identity }) => identity)),
  ];
}

/**
 * Entries for identities whose first HSS is this one and that it did not name; ranges and domains are made by
 * hand and stay.
 */
async function prune(context: CommandContext, { hosts, seen }: Source): Promise<number> {
  const api = context.api();
  let count = 0;
  let cursor: string | null = null;
  do {
    const { body }: ApiResponse<{ items: LocatorEntry[]; nextCursor: string | null }> = await api.call(
      'GET',
      '/v1/locator/entries',
      {
        query: { host: hosts[0], limit: pageEntriesCount, cursor: cursor ?? undefined },
      },
    );
    for (const { kind, value, hosts: named } of body.items) {
      if ((kind !== 'identity' && kind !== 'wildcard') || named[0] !== hosts[0] || seen?.has(value) !== false)
        continue;
      await api.call('DELETE', `/v1/locator/entries/${encodeURIComponent(value)}`);
      count += 1;
    }
    cursor = body.nextCursor;
  } while (cursor !== null);
  return count;
}

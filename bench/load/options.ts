/** The command line of the load generator alone: `npm run bench -- load --help`. */
import { parseArgs } from 'node:util';
import type { TransportName } from '../../src/shared/transport-names';
import type { Transport } from '../../src/transport/port';
import type { LoadOptions } from './generator';
import { identityPattern } from './identities';
import type { Watched } from './processes';
import { scenario, scenarios } from './scenarios';
import type { LoadResult } from './tally';
import {
  generatorTransport,
  makeTransport,
  transportName,
  transportsHelp,
  type TlsFiles,
  type TransportNeeds,
} from './transports';

/**
 * What the identities, names and hosts are where nothing is said; the subscriptions that the benchmark makes
 * have them.
 */
export const naming = {
  realm: 'ims.mnc001.mcc001.3gppnetwork.org',
  originHost: 'cscf%02d.bench.ims.mnc001.mcc001.3gppnetwork.org',
  imsi: '00101%010d',
  privateIdentity: '00101%010d@ims.mnc001.mcc001.3gppnetwork.org',
  publicIdentity: 'sip:00101%010d@ims.mnc001.mcc001.3gppnetwork.org',
  serverName: 'sip:scscf.ims.mnc001.mcc001.3gppnetwork.org',
} as const;

const transportOptionsHelp = `  --transport NAME       ${transportsHelp} (tcp)
  --tls-certificate F --tls-key F --tls-authorities F   PEM, for tls
  --udp-port P           the UDP port of the listening side, for userland-sctp-udp (9899)`;

export const floorHelp = `A process with the product's transport and framing that answers every request with the same UAA.

  floor [PORT]           on 127.0.0.1; 0, any free one, where it is absent
${transportOptionsHelp}
`;

export const loadHelp = `Load of Cx and S6a on any HSS.

  --scenario NAME        ${scenarios.map(({ name }) => name).join(', ')}, or commands in a row such as UAR,MAR,UAR,SAR (UAR)
  --host A --port P      where the HSS listens (127.0.0.1, 3868)
${transportOptionsHelp}
  --connections N        connections, each with an Origin-Host of its own (4)
  --window N             requests under way on each connection (16; 1000 with --rate)
  --rate N               open loop: N transactions a second, latency from when each was due
  --seconds S            measured (10), after --warmup S (1)
  --sequences N          instead: ends after N sequences, e.g. --scenario register --sequences 1000
  --first N --subscribers N   subscribers N to N+count-1 (1, 1000), walked through scattered
  --impi P --impu P --imsi P   identities, with the number as %010d (${naming.privateIdentity})
  --origin-host P        (${naming.originHost})
  --origin-realm R --destination-realm R --destination-host H --server-name S --visited N --scheme S
  --timeout MS           until an answer counts as missing (5000)
  --watch NAME=PID,...   processes whose CPU and memory are told as well
  --json                 the result as JSON

Exit status 0 only if every answer came and was 2xxx.
`;

export interface LoadCommand {
  readonly options: LoadOptions;
  readonly json: boolean;
}

const text = { type: 'string' } as const;
const transportOptions = {
  transport: text,
  'tls-certificate': text,
  'tls-key': text,
  'tls-authorities': text,
  'udp-port': text,
} as const;

function transportFrom(values: Readonly<Record<string, unknown>>): {
  readonly name: TransportName;
  readonly needs: TransportNeeds;
} {
  const given = (name: keyof typeof transportOptions): string | undefined =>
    typeof values[name] === 'string' ? values[name] : undefined;
  const [certificateFile, keyFile, authoritiesFile, udpPort] = [
    given('tls-certificate'),
    given('tls-key'),
    given('tls-authorities'),
    given('udp-port'),
  ];
  const tls: TlsFiles | null =
    certificateFile === undefined || keyFile === undefined
      ? null
      : { certificateFile, keyFile, ...(authoritiesFile === undefined ? {} : { authoritiesFile }) };
  return {
    name: transportName(given('transport') ?? 'tcp'),
    needs: { tls, ...(udpPort === undefined ? {} : { udpPort: integer('udp-port', udpPort, 1, 65_535) }) },
  };
}

export interface FloorCommand {
  readonly port: number;
  readonly transport: Transport;
  readonly untilStdinEnds: boolean;
}

/** Null where help is wanted. @throws Error that names the option and what is wrong with it */
export function floorCommand(args: readonly string[]): FloorCommand | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...transportOptions,
      'until-stdin-ends': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return null;
  const { name, needs } = transportFrom(values);
  return {
    port: integer('port', positionals[0] ?? '0', 0, 65_535),
    transport: makeTransport(name, needs),
    untilStdinEnds: values['until-stdin-ends'] === true,
  };
}

/** Null where help is wanted. @throws Error that names the option and what is wrong with it */
export function loadCommand(args: readonly string[]): LoadCommand | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...transportOptions,
      scenario: text,
      host: text,
      port: text,
      connections: text,
      window: text,
      rate: text,
      seconds: text,
      warmup: text,
      sequences: text,
      first: text,
      subscribers: text,
      impi: text,
      imsi: text,
      impu: text,
      'origin-host': text,
      'origin-realm': text,
      'destination-realm': text,
      'destination-host': text,
      'server-name': text,
      visited: text,
      scheme: text,
      timeout: text,
      watch: text,
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return null;
  const rate = values.rate === undefined ? undefined : number('rate', values.rate, 0.001, 10_000_000);
  const sequences =
    values.sequences === undefined ? undefined : integer('sequences', values.sequences, 1, 1_000_000_000);
  if (rate !== undefined && sequences !== undefined)
    throw new Error('--rate and --sequences do not go together');
  const imsi = identityPattern(values.imsi ?? naming.imsi);
  const privateIdentity = identityPattern(values.impi ?? naming.privateIdentity);
  const publicIdentity = identityPattern(values.impu ?? naming.publicIdentity);
  const originHost = identityPattern(values['origin-host'] ?? naming.originHost);
  const connectionsCount = integer('connections', values.connections ?? '4', 1, 1_024);
  if (connectionsCount > 1 && originHost.digits === 0)
    throw new Error('--origin-host needs a number such as %02d: an HSS takes one connection of each peer');
  const firstSubscriber = integer('first', values.first ?? '1', 0, 1e15);
  const subscribersCount = integer('subscribers', values.subscribers ?? '1000', 1, 1e9);
  for (const { digits } of [imsi, privateIdentity, publicIdentity]) {
    if (digits > 0 && firstSubscriber + subscribersCount > 10 ** digits)
      throw new Error(`--first and --subscribers: more than ${digits} digits hold`);
  }
  const { name, needs } = transportFrom(values);
  const realm = values['origin-realm'] ?? naming.realm;
  const host = values['destination-host'];
  return {
    json: values.json === true,
    options: {
      transport: generatorTransport(name, needs),
      host: values.host ?? '127.0.0.1',
      port: integer('port', values.port ?? '3868', 1, 65_535),
      connectionsCount,
      windowCount: integer('window', values.window ?? (rate === undefined ? '16' : '1000'), 1, 65_535),
      ...(rate === undefined ? {} : { ratePerSecond: rate }),
      scenario: scenario(values.scenario ?? 'UAR'),
      firstSubscriber,
      subscribersCount,
      warmupSeconds: number('warmup', values.warmup ?? '1', 0, 3_600),
      durationSeconds: number('seconds', values.seconds ?? '10', 0.1, 86_400),
      ...(sequences === undefined ? {} : { sequencesCount: sequences }),
      timeoutMs: integer('timeout', values.timeout ?? '5000', 10, 600_000),
      watch: watched(values.watch ?? ''),
      parties: (n) => ({
        originHost: originHost.text(n + 1),
        originRealm: realm,
        destinationRealm: values['destination-realm'] ?? realm,
        ...(host === undefined ? {} : { destinationHost: host }),
        imsi,
        privateIdentity,
        publicIdentity,
        serverName: values['server-name'] ?? naming.serverName,
        visitedNetwork: values.visited ?? realm,
        scheme: values.scheme ?? 'Digest-AKAv1-MD5',
      }),
    },
  };
}

export function number(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max))
    throw new Error(`--${name}: "${text}" is no number from ${min} to ${max}`);
  return value;
}

export function integer(name: string, text: string, min: number, max: number): number {
  const value = number(name, text, min, max);
  if (!Number.isInteger(value)) throw new Error(`--${name}: "${text}" is no whole number`);
  return value;
}

function watched(text: string): Watched[] {
  return text
    .split(',')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [name = '', pid = ''] = entry.split('=');
      return { name, pid: integer('watch', pid, 1, 2 ** 31) };
    });
}

/** What a person reads. */
export function loadText(result: LoadResult): string {
  const rows = Object.entries(result.commands).map(
    ([command, { asSeen, corrected }]) =>
      `${command.padEnd(5)}${String(asSeen.count).padStart(10)} answers   ` +
      `p50 ${asSeen.p50Ms.toFixed(2)}  p99 ${asSeen.p99Ms.toFixed(2)}  max ${asSeen.maxMs.toFixed(2)} ms` +
      `   corrected p50 ${corrected.p50Ms.toFixed(2)}  p99 ${corrected.p99Ms.toFixed(2)} ms`,
  );
  const usage = Object.entries(result.usage).map(
    ([name, { cpuSeconds, maxMemoryOctets }]) =>
      `${name}: ${cpuSeconds === null ? '?' : ((cpuSeconds * 1e6) / Math.max(1, result.transactions)).toFixed(1)} us CPU a transaction` +
      `, ${maxMemoryOctets === null ? '?' : (maxMemoryOctets / 2 ** 20).toFixed(0)} MiB`,
  );
  return [
    `${result.scenario}: ${result.transactionsPerSecond.toFixed(0)} transactions/s in ${result.seconds.toFixed(2)} s (${result.transport}, ${result.loop} loop, ${result.connections} connections, ` +
      `${result.ratePerSecond === null ? `${result.window} under way on each` : `${result.ratePerSecond.toFixed(0)}/s asked for`}); ${result.refused} not 2xxx, ${result.timeouts} unanswered`,
    ...rows,
    `results: ${Object.entries(result.results)
      .map(([key, count]) => `${key}: ${count}`)
      .join(', ')}`,
    ...result.disconnects,
    ...usage,
  ].join('\n');
}

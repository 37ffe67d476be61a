/**
 * Who may import whom: the one list of the folders of src. eslint.config.mjs makes rules of it, and
 * `npm run layers` writes it into docs/ARCHITECTURE.md (`--check` only compares, and fails where they differ).
 *
 * `mayImport` names a folder, or one file of it (`peer/contract`): then the rest of that folder stays unseen.
 * Every folder may import src/shared and npm packages besides. A name that ends with `.ts` is one file with a
 * row of its own: it may import what it says beside its own folder, and the rest of the folder may not.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What an application makes its part of configuration, API, command line and metrics with. */
const partsToolkit = [
  'admin/contract',
  'admin/openapi/examples',
  'admin/openapi/views',
  'admin/page-query',
  'admin/problem',
  'admin/resource',
  'admin/route',
  'admin/validation',
  'cli/api-client',
  'cli/arguments',
  'cli/context',
  'cli/contract',
  'cli/exit-status',
  'cli/find-subscription',
  'cli/response-lines',
  'cli/send-records',
  'cli/table',
  'config/config-error',
  'config/contract',
  'config/fields',
  'config/sections/role',
  'metrics/cached-counts',
  'metrics/cells',
  'metrics/contract',
];

/** @type {Readonly<Record<string, { does: string, mayImport: readonly string[] | 'everything' }>>} */
export const layers = {
  shared: { does: 'clock and randomness, logging, bounds with their units', mayImport: [] },
  events: {
    does: 'the one list of events, the spine that listeners subscribe to, the tap for octets',
    mayImport: [],
  },
  transport: {
    does: 'the transport port; TCP, TLS, kernel SCTP and userland SCTP behind it (docs/decisions/0008-sctp.md)',
    mayImport: ['diameter/framing'],
  },
  'diameter/framing': {
    does: 'stream to whole messages',
    mayImport: ['diameter/codec/header', 'transport/port'],
  },
  'diameter/codec': {
    does: 'header, AVPs, data formats, messages, error answers, rendering',
    mayImport: ['diameter/generated'],
  },
  'diameter/generated': {
    does: 'the base protocol from `dictionary/`, never edited',
    mayImport: ['diameter/codec/types', 'diameter/codec/definitions'],
  },
  'diameter/peer': {
    does: 'peer machine, watchdog, capabilities, flow control, peer table',
    mayImport: ['events', 'diameter/codec', 'diameter/generated', 'transport/port'],
  },
  'diameter/overload': {
    does: 'priority, the queue before the handlers, load and overload reports (docs/decisions/0007-overload-and-priority.md)',
    mayImport: ['events', 'diameter/codec', 'diameter/generated'],
  },
  'diameter/features': { does: 'Supported-Features negotiation, pure', mayImport: [] },
  'diameter/dispatch': {
    does: 'application contract, dispatcher, who may speak for whom (docs/decisions/0011-who-may-speak-for-whom.md), duplicates, routing, answers',
    mayImport: [
      'events',
      'diameter/codec',
      'diameter/generated',
      'subscriber',
      'state',
      'diameter/features',
      'diameter/overload',
      'diameter/peer/contract',
      'diameter/peer/authority',
      'diameter/peer/diameter-identity',
    ],
  },
  subscriber: { does: 'identities, the subscription document, wildcards; pure', mayImport: [] },
  authentication: { does: 'Milenage, SQN, digest, sealed secrets; pure', mayImport: ['state/module'] },
  state: {
    does: 'modules, units of work and reactions: the ports between decisions and the store',
    mayImport: ['subscriber', 'authentication'],
  },
  outbox: {
    does: 'sends requests of the applications from the outbox; knows no command',
    mayImport: ['events', 'state', 'diameter/peer/contract', 'diameter/codec/types'],
  },
  'apps/contract.ts': {
    does: 'what an application brings, as data: the list in `src/wiring/applications.ts` is of these',
    mayImport: [
      'admin/contract',
      'authentication/secret-opener',
      'diameter/codec/definitions',
      'diameter/codec/dictionary',
      'diameter/dispatch/contract',
      'diameter/peer/contract',
      'metrics/contract',
      'outbox/contract',
      'state',
    ],
  },
  'apps/cx': {
    does: 'the Cx procedures, registration state, RTR and PPR; its part of configuration, API, command line and metrics',
    mayImport: [
      'apps/contract',
      'diameter/codec',
      'diameter/generated',
      'diameter/features',
      'diameter/dispatch/contract',
      'diameter/dispatch/result-names',
      'diameter/peer/contract',
      'outbox',
      'subscriber',
      'state',
      'authentication',
      ...partsToolkit,
    ],
  },
  'apps/s6a': {
    does: 'S6a and S6d: vectors, update location, serving nodes, CLR, IDR, DSR and RSR; its part of configuration, API, command line and metrics',
    mayImport: [
      'apps/contract',
      'diameter/codec',
      'diameter/generated',
      'diameter/features',
      'diameter/dispatch/contract',
      'diameter/dispatch/result-names',
      'diameter/peer/contract',
      'diameter/peer/diameter-identity',
      'outbox',
      'subscriber',
      'state',
      'authentication',
      'apps/cx/generated',
      ...partsToolkit,
    ],
  },
  'apps/dx': {
    does: 'the subscription locator: redirect agent and proxy agent; its part of configuration, API, command line and metrics',
    mayImport: [
      'apps/contract',
      'events',
      'diameter/codec',
      'diameter/generated',
      'apps/cx/generated',
      'subscriber',
      'state',
      'diameter/dispatch/authority',
      'diameter/dispatch/authority-log',
      'diameter/dispatch/contract',
      'diameter/dispatch/result-names',
      'diameter/peer/contract',
      ...partsToolkit,
    ],
  },
  'apps/s13': {
    does: 'the equipment identity register: ECR, the equipment table, who used which equipment; its part of configuration, API, command line and metrics',
    mayImport: [
      'apps/contract',
      'apps/s6a/generated',
      'events',
      'diameter/codec',
      'diameter/generated',
      'diameter/dispatch/contract',
      'subscriber',
      'state',
      ...partsToolkit,
    ],
  },
  store: {
    does: 'PostgreSQL: load, commit, provisioning, migrations, the embedded server',
    mayImport: ['events', 'subscriber', 'state', 'outbox/ports', 'authentication'],
  },
  admin: {
    does: 'HTTP API and OpenAPI; loops over what applications bring',
    mayImport: ['subscriber', 'state', 'diameter/peer/contract'],
  },
  metrics: {
    does: 'events to Prometheus, health; loops over what applications bring',
    mayImport: ['events', 'diameter/overload/contract', 'diameter/peer/contract'],
  },
  config: { does: 'one file, validated and explained', mayImport: [] },
  'config/schema.ts': {
    does: 'every section in its place, those of applications too',
    mayImport: ['apps/cx/config', 'apps/dx/config', 'apps/s6a/config', 'apps/s13/config'],
  },
  wiring: {
    does: 'starts an HSS: the only place that knows every layer, but not the command line',
    mayImport: [
      'shared',
      'events',
      'transport',
      'diameter/codec',
      'diameter/generated',
      'diameter/peer',
      'diameter/overload',
      'diameter/dispatch',
      'diameter/features',
      'subscriber',
      'state',
      'outbox',
      'authentication',
      'apps/contract',
      'apps/cx',
      'apps/dx',
      'apps/s6a',
      'apps/s13',
      'store',
      'admin',
      'metrics',
      'config',
    ],
  },
  cli: {
    does: 'the command line, one file per command; loops over what applications bring',
    mayImport: [
      'admin/openapi',
      'authentication',
      'config',
      'diameter/codec',
      'diameter/generated',
      'diameter/peer/contract',
      'events',
      'main',
      'store',
      'subscriber',
      'wiring/database',
      'wiring/key-ring',
    ],
  },
  'cli/applications.ts': {
    does: 'the list of applications on the command line',
    mayImport: ['apps/cx/cli', 'apps/dx/cli', 'apps/s6a/cli', 'apps/s13/cli'],
  },
  main: { does: '`src/main.ts`: the process, from arguments to signals', mayImport: ['config', 'wiring'] },
};

const isFile = (row) => row.endsWith('.ts');
/** The folder that a file with a row of its own is in. */
const folderOf = (row) => (isFile(row) ? row.slice(0, row.lastIndexOf('/')) : row);
const pathOf = (row) => (row === 'main' ? './src/main.ts' : `./src/${row}`);

/** The files that a row is about: a folder without the files that have rows of their own. */
function targetsOf(row) {
  const apart = Object.keys(layers).filter(
    (other) => isFile(other) && other !== row && folderOf(other) === row,
  );
  if (apart.length === 0) return [pathOf(row)];
  const names = apart.map((file) => file.slice(row.length + 1)).join('|');
  return [`${pathOf(row)}/!(${names})`, `${pathOf(row)}/*/**`];
}

/** What a row may import; a file may import what its folder may, too. */
const importsOf = (row) =>
  isFile(row)
    ? [...layers[row].mayImport, ...(layers[folderOf(row)]?.mayImport ?? [])]
    : layers[row].mayImport;
/** Whether a row names all of another one, or the one file that this is. */
const mentions = (row, other) =>
  importsOf(row).some((name) => name === folderOf(other) || `${name}.ts` === other);

const seesAll = (row, other) =>
  folderOf(row) === folderOf(other) || other === 'shared' || mentions(row, other);

/** Zones of import-x/no-restricted-paths that hold the list. */
export function zones() {
  const rows = Object.keys(layers);
  return rows.flatMap((row) =>
    rows
      .filter((other) => !seesAll(row, other))
      .map((other) => ({
        target: targetsOf(row),
        from: pathOf(other),
        except: importsOf(row)
          .filter((name) => name.startsWith(`${other}/`))
          .map((name) => `./${name.slice(other.length + 1)}`)
          .flatMap((name) => [name, `${name}.ts`]),
        message: `src/${row} must not know this of src/${other} (docs/ARCHITECTURE.md)`,
      })),
  );
}

const BEGIN = '<!-- layers: made by `npm run layers` -->';
const END = '<!-- end of layers -->';

/** The toolkit is the same for each application: its names come once, below the table. */
function importsText(row, mayImport) {
  const hasToolkit = partsToolkit.every((name) => mayImport.includes(name));
  const names = mayImport.filter((name) => !hasToolkit || !partsToolkit.includes(name));
  if (hasToolkit) names.push('the toolkit for parts');
  if (isFile(row) && folderOf(row) in layers) names.push(`what \`src/${folderOf(row)}\` may`);
  return names.length === 0 ? 'nothing' : names.join(', ');
}

function table() {
  const rows = Object.entries(layers).map(([folder, { does, mayImport }]) => {
    const name = folder === 'main' ? '`src/main.ts`' : `\`src/${folder}\``;
    return `| ${name} | ${does} | ${importsText(folder, mayImport)} |`;
  });
  return [
    BEGIN,
    '',
    '| folder | what it does | may import (besides `shared`); a path with two parts is one file |',
    '|---|---|---|',
    ...rows,
    '',
    `The toolkit for parts: ${partsToolkit.join(', ')}.`,
    '',
    END,
  ].join('\n');
}

function main(check) {
  const file = join(fileURLToPath(import.meta.url), '../../../docs/ARCHITECTURE.md');
  const page = readFileSync(file, 'utf8');
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`docs/ARCHITECTURE.md has no "${BEGIN}"`);
  const wanted = `${page.slice(0, begin)}${table()}${page.slice(end + END.length)}`;
  if (wanted === page) return;
  if (check) {
    console.error('docs/ARCHITECTURE.md does not show the layers as they are; run npm run layers');
    process.exitCode = 1;
  } else {
    writeFileSync(file, wanted);
    console.log('docs/ARCHITECTURE.md');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.includes('--check'));

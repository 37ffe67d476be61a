/**
 * Who may import whom: the one list of the folders of src. eslint.config.mjs makes rules of it, and
 * `npm run layers` writes it into docs/ARCHITECTURE.md (`--check` only compares, and fails where they differ).
 *
 * `mayImport` names a folder, or one file of it (`peer/contract`): then the rest of that folder stays unseen.
 * Every folder may import src/shared and npm packages besides.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @type {Readonly<Record<string, { does: string, mayImport: readonly string[] | 'everything' }>>} */
export const layers = {
  shared: { does: 'clock and randomness, logging, every bound with its unit', mayImport: [] },
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
      'apps/cx',
      'diameter/features',
      'diameter/overload',
      'diameter/peer/contract',
      'diameter/peer/authority',
      'diameter/peer/diameter-identity',
    ],
  },
  subscriber: { does: 'identities, the subscription document, wildcards; pure', mayImport: [] },
  authentication: { does: 'Milenage, SQN, digest, sealed secrets; pure', mayImport: [] },
  state: { does: 'ports between decisions and the store', mayImport: ['subscriber', 'apps/cx'] },
  outbox: {
    does: 'sends requests of the applications from the outbox; knows no command',
    mayImport: ['events', 'state', 'diameter/peer/contract', 'diameter/codec/types'],
  },
  'apps/cx': {
    does: 'the Cx procedures, registration state, RTR and PPR',
    mayImport: [
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
    ],
  },
  'apps/dx': {
    does: 'the subscription locator: redirect agent and proxy agent',
    mayImport: [
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
    ],
  },
  store: {
    does: 'PostgreSQL: load, commit, provisioning, migrations, the embedded server',
    mayImport: [
      'events',
      'subscriber',
      'state',
      'outbox/ports',
      'authentication',
      'apps/cx',
      'apps/dx/locator',
    ],
  },
  admin: {
    does: 'HTTP API and OpenAPI',
    mayImport: [
      'subscriber',
      'state',
      'outbox/ports',
      'apps/cx',
      'apps/dx/locator',
      'diameter/peer/contract',
    ],
  },
  metrics: {
    does: 'events to Prometheus, health',
    mayImport: [
      'events',
      'state',
      'apps/cx',
      'diameter/overload/contract',
      'diameter/peer/contract',
      'apps/dx/contract',
    ],
  },
  config: { does: 'one file, validated and explained', mayImport: ['subscriber', 'apps/cx', 'apps/dx'] },
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
      'apps/cx',
      'apps/dx',
      'store',
      'admin',
      'metrics',
      'config',
    ],
  },
  cli: {
    does: 'the command line, one file per command',
    mayImport: [
      'admin/openapi',
      'apps/cx',
      'apps/dx',
      'authentication',
      'config',
      'diameter/codec',
      'diameter/generated',
      'diameter/peer/contract',
      'events',
      'main',
      'outbox/ports',
      'state',
      'store',
      'subscriber',
      'wiring/database',
      'wiring/key-ring',
    ],
  },
  main: { does: '`src/main.ts`: the process, from arguments to signals', mayImport: ['config', 'wiring'] },
};

/** Zones of import-x/no-restricted-paths that hold the list. */
export function zones() {
  const folders = Object.keys(layers);
  const pathOf = (folder) => (folder === 'main' ? './src/main.ts' : `./src/${folder}`);
  return Object.entries(layers).flatMap(([folder, { mayImport }]) =>
    folders
      .filter((other) => other !== folder && other !== 'shared' && !mayImport.includes(other))
      .map((other) => ({
        target: pathOf(folder),
        from: pathOf(other),
        except: mayImport
          .filter((name) => name.startsWith(`${other}/`))
          .map((name) => `./${name.slice(other.length + 1)}`)
          .flatMap((name) => [name, `${name}.ts`]),
        message: `src/${folder} must not know this of src/${other} (docs/ARCHITECTURE.md)`,
      })),
  );
}

const BEGIN = '<!-- layers: made by `npm run layers` -->';
const END = '<!-- end of layers -->';

function table() {
  const rows = Object.entries(layers).map(([folder, { does, mayImport }]) => {
    const name = folder === 'main' ? '`src/main.ts`' : `\`src/${folder}\``;
    return `| ${name} | ${does} | ${mayImport.length === 0 ? 'nothing' : mayImport.join(', ')} |`;
  });
  return [
    BEGIN,
    '',
    '| folder | what it does | may import (besides `shared`); a path with two parts is one file |',
    '|---|---|---|',
    ...rows,
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

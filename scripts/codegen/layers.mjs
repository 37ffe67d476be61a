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
  transport: {
    does: 'the transport port; TCP, TLS, kernel SCTP and userland SCTP behind it (docs/decisions/0008-sctp.md)',
    mayImport: ['framing'],
  },
  framing: { does: 'stream to whole messages', mayImport: ['codec/header', 'transport/port'] },
  codec: { does: 'header, AVPs, data formats, messages, error answers, rendering', mayImport: ['generated'] },
  generated: {
    does: 'from `dictionary/`, never edited',
    mayImport: ['codec/types', 'codec/definitions'],
  },
  peer: {
    does: 'peer machine, watchdog, capabilities, flow control, peer table',
    mayImport: ['codec', 'generated', 'transport/port'],
  },
  overload: {
    does: 'priority, the queue before the handlers, load and overload reports (docs/decisions/0007-overload-and-priority.md)',
    mayImport: ['codec', 'generated'],
  },
  dispatch: {
    does: 'application contract, dispatcher, who may speak for whom (docs/decisions/0011-who-may-speak-for-whom.md), duplicates, routing, answers',
    mayImport: [
      'codec',
      'generated',
      'domain',
      'features',
      'overload',
      'peer/contract',
      'peer/authority',
      'peer/diameter-identity',
    ],
  },
  features: { does: 'Supported-Features negotiation, pure', mayImport: [] },
  domain: { does: 'subscription document, registration status, identities, ports; pure', mayImport: [] },
  auth: { does: 'Milenage, SQN, digest, sealed secrets; pure', mayImport: [] },
  'apps/cx': {
    does: 'the Cx procedures',
    mayImport: ['codec', 'generated', 'domain', 'features', 'auth', 'dispatch/contract'],
  },
  'apps/dx': {
    does: 'the subscription locator: redirect agent and proxy agent',
    mayImport: [
      'codec',
      'generated',
      'domain',
      'dispatch/authority',
      'dispatch/authority-log',
      'dispatch/contract',
      'dispatch/result-names',
      'peer/contract',
    ],
  },
  store: {
    does: 'PostgreSQL: load, commit, provisioning, migrations, the embedded server',
    mayImport: ['domain', 'auth'],
  },
  push: {
    does: 'sends RTR and PPR from the outbox',
    mayImport: ['domain', 'dispatch/result-names', 'peer/contract', 'codec', 'generated'],
  },
  admin: { does: 'HTTP API and OpenAPI', mayImport: ['domain', 'peer/contract'] },
  metrics: {
    does: 'events to Prometheus, health',
    mayImport: [
      'domain',
      'dispatch/contract',
      'overload/contract',
      'peer/contract',
      'push/contract',
      'store/events',
      'apps/dx/contract',
    ],
  },
  config: { does: 'one file, validated and explained', mayImport: ['domain'] },
  wiring: {
    does: 'starts an HSS: the only place that knows every layer, but not the command line',
    mayImport: [
      'shared',
      'transport',
      'codec',
      'generated',
      'peer',
      'overload',
      'dispatch',
      'features',
      'domain',
      'auth',
      'apps/cx',
      'apps/dx',
      'store',
      'push',
      'admin',
      'metrics',
      'config',
    ],
  },
  cli: {
    does: 'the command line, one file per command',
    mayImport: [
      'admin/openapi',
      'auth',
      'codec',
      'config',
      'domain',
      'generated',
      'main',
      'peer/contract',
      'store',
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

/**
 * `hss rotate-keys`: a new key seals K, OPc and HA1 from now on. Three steps, each safe to interrupt and to
 * repeat: the new key is put in front of the key file, every secret is sealed anew under it, the older keys
 * are dropped. An HSS that runs meanwhile knows only the keys that it has read, so it is to be stopped, or
 * told to read them again (SIGHUP) after `--step add` and `--step drop`.
 */
import { Option } from 'commander';
import {
  createKey,
  createKeyRing,
  fingerprintKeyId,
  formatKeyRing,
  parseKeyRing,
  type KeyRing,
} from '../../authentication/key-ring';
import { systemRandom } from '../../shared/clock';
import type { Logger } from '../../shared/logger';
import { silentEvents } from '../../events/event-spine';
import type { RotationProgress } from '../../store/provisioning/rotation';
import { openDatabase } from '../../wiring/database';
import { fittingKeys, readKeys } from '../../wiring/key-ring';
import { loggerFor } from '../command-log';
import { CommandError, exitStatus } from '../exit-status';
import { replaceSecretFile } from '../../shared/secret-file';
import { readable } from '../database';
import type { CommandContext, RegisterCommand } from '../context';
import type { LoadedConfig } from '../../config/load';

type Step = 'add' | 'reseal' | 'drop';
const steps: readonly Step[] = ['add', 'reseal', 'drop'];

interface RotateOptions {
  readonly step?: Step;
}

interface Result {
  /** Ids say nothing about the keys. */
  currentKeyId: string;
  olderKeyIds: string[];
  seenCount?: number;
  resealedCount?: number;
}

export const registerRotateKeys: RegisterCommand = (program, context) => {
  program
    .command('rotate-keys')
    .description('make a new key for the secrets at rest and seal them all with it; stop the HSS first')
    .addOption(
      new Option(
        '--step <step>',
        'only one step, for several instances: add the key (then give each instance the new file and a SIGHUP), reseal, drop the older keys',
      ).choices([...steps]),
    )
    .action(async (options: RotateOptions) => {
      const loaded = context.config();
      const result = await rotateKeys(
        loaded,
        options.step === undefined ? steps : [options.step],
        loggerFor(context),
        progressOn(context),
      );
      context.print(result, () =>
        [
          ...(result.seenCount === undefined
            ? []
            : [
                `${result.seenCount} private identities and USIMs looked at, secrets of ${result.resealedCount} sealed anew.`,
              ]),
          `The current key is ${result.currentKeyId}${result.olderKeyIds.length === 0 ? '; there are no older ones.' : `; older ones that still open secrets: ${result.olderKeyIds.join(', ')}.`}`,
        ].join('\n'),
      );
    });
};

/**
 * Carries the steps out. @throws CommandError where the key does not come from a file, or the database cannot
 * be had.
 */
export async function rotateKeys(
  loaded: LoadedConfig,
  wanted: readonly Step[],
  logger: Logger,
  onProgress: (progress: RotationProgress) => void,
): Promise<Result> {
  const { store } = loaded.config;
  const keys = readKeys(store, loaded.file, logger);
  if (keys === null)
    throw new CommandError(
      `there is no key file ${store.secretKeyFile ?? ''}: the first start makes one; that of a database with secrets is in its backup`,
      exitStatus.configuration,
    );
  const { file } = keys;
  const onlyReseal = wanted.length === 1 && wanted[0] === 'reseal';
  if (file === null && !onlyReseal) {
    throw new CommandError(
      'the key comes from the configuration or HSS_SECRET_KEY, which no command can change: put the new key in front of the old one there, reload (SIGHUP) or restart every instance, run "hss rotate-keys --step reseal", then take the old one out',
    );
  }
  let { ring } = keys;
  const add = (): void => {
    if (file === null || !wanted.includes('add')) return;
    ring = withNewKey(ring);
    replaceSecretFile(file, formatKeyRing(ring));
  };
  let progress: RotationProgress | null = null;
  if (wanted.includes('reseal') || wanted.includes('drop')) {
    // Dropping looks through everything as well: a key that still is needed must never go.
    const database = await readable(openDatabase(store, () => ring, silentEvents, logger));
    try {
      // Before anything changes: keys that are not of this database must not be rotated.
      await readable(fittingKeys(store, database.url, loaded.file, logger));
      add();
      progress = await readable(database.store.rotateSecrets(ring, onProgress));
    } finally {
      await database.close();
    }
  } else {
    add();
  }
  const result: Result = {
    currentKeyId: ring.current.id,
    olderKeyIds: [],
    ...(progress === null ? {} : { seenCount: progress.seenCount, resealedCount: progress.resealedCount }),
  };
  if (file !== null && wanted.includes('drop')) {
    ring = onlyCurrent(ring);
    replaceSecretFile(file, formatKeyRing(ring));
  }
  result.olderKeyIds = [...ring.keys.keys()].filter((id) => id !== ring.current.id);
  return result;
}

function withNewKey(ring: KeyRing): KeyRing {
  const key = createKey(systemRandom);
  return parseKeyRing(formatKeyRing(ring, { id: fingerprintKeyId(key), key }));
}

function onlyCurrent({ current }: KeyRing): KeyRing {
  return createKeyRing([{ id: current.id, key: current.key.export() }]);
}

function progressOn(context: CommandContext): (progress: RotationProgress) => void {
  if (!context.stderr.isTerminal) return () => undefined;
  return ({ seenCount, totalCount }) =>
    context.stderr.write(`\r${seenCount} of about ${totalCount}${seenCount >= totalCount ? '\n' : ''}`);
}

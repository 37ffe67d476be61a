/** `hss export`: everything that was provisioned, without secrets, as NDJSON or YAML, streaming. */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { Option } from 'commander';
import type { CommandContext, RegisterCommand } from '../context';
import type { CliPart } from '../contract';
import { toYaml } from '../document-input';
import { CommandError } from '../exit-status';
import { responseLines } from '../response-lines';

interface ExportOptions {
  readonly format?: 'ndjson' | 'yaml';
  readonly what: string;
}

export const exportCommand =
  (applications: readonly CliPart[]): RegisterCommand =>
  (program, context) => {
    program
      .command('export [file]')
      .description(
        'everything that was provisioned, without secrets; to standard output when no file is named',
      )
      .addOption(
        new Option('--format <format>', "by the file's name when absent, else ndjson").choices([
          'ndjson',
          'yaml',
        ]),
      )
      .addOption(
        new Option('--what <what>', 'what is exported')
          .choices([
            'all',
            'shared',
            'subscriptions',
            ...applications.flatMap(({ records }) => Object.keys(records)),
          ])
          .default('all'),
      )
      .action((file: string | undefined, options: ExportOptions) => exportAll(context, file, options));
  };

interface Sink {
  write(text: string): Promise<void>;
  end(): Promise<void>;
}

function openSink(context: CommandContext, file: string | undefined): Sink {
  if (file === undefined || file === '-') {
    return {
      write: (text) => {
        context.stdout.write(text);
        return Promise.resolve();
      },
      end: () => Promise.resolve(),
    };
  }
  // Personal data: for its owner only.
  const stream = createWriteStream(path.resolve(context.cwd, file), { mode: 0o600 });
  const failed = new Promise<never>((_resolve, reject) => {
    stream.on('error', (error) => {
      reject(new CommandError(`${file} cannot be written: ${error.message}`, 1, { cause: error }));
    });
  });
  failed.catch(() => undefined);
  return {
    write: async (text) => {
      if (!stream.write(text)) await Promise.race([once(stream, 'drain'), failed]);
    },
    end: async () => {
      stream.end();
      await Promise.race([once(stream, 'close'), failed]);
    },
  };
}

async function exportAll(
  context: CommandContext,
  file: string | undefined,
  options: ExportOptions,
): Promise<void> {
  const format = options.format ?? (/\.ya?ml$/i.test(file ?? '') ? 'yaml' : 'ndjson');
  const response = await context.api().open('GET', '/v1/export', {
    query: { what: options.what },
    headers: { accept: 'application/x-ndjson' },
    timeoutMs: 0,
  });
  const sink = openSink(context, file);
  let records = 0;
  for await (const line of responseLines(response)) {
    await sink.write(format === 'yaml' ? `---\n${toYaml(JSON.parse(line))}` : `${line}\n`);
    records += 1;
  }
  await sink.end();
  if (file !== undefined && file !== '-')
    context.print({ records, file }, () => `${records} records written to ${file}`);
}

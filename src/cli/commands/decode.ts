/**
 * `hss decode <hex|file|->`: any Diameter message as a readable tree. Keys and password hashes are hidden
 * unless asked for. Ends with 1 where one of the messages cannot be decoded; those of applications that are
 * not ours are judged by their outer form only.
 */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { Dictionary } from '../../codec/dictionary';
import { parseHex, readMessages } from '../../codec/render';
import { baseTable } from '../../generated/base-tables';
import { cxTable } from '../../generated/cx-tables';
import type { CommandContext, RegisterCommand } from '../context';
import { CommandError, exitStatus } from '../exit-status';

const MAX_INPUT_OCTETS = 64 * 1024 * 1024;
const MAX_FAULTS_SHOWN = 10;

interface DecodeOptions {
  readonly showSecrets?: boolean;
}

export const registerDecode: RegisterCommand = (program, context) => {
  program
    .command('decode <message>')
    .description(
      'show Diameter messages as a tree: hexadecimal digits, a file of octets or of hexadecimal digits, or - for standard input',
    )
    .option('--show-secrets', 'show keys and password hashes')
    .action(async (source: string, options: DecodeOptions) => {
      const bytes = await readMessage(source, context);
      const messages = readMessages(bytes, new Dictionary([baseTable, cxTable]), {
        showSecrets: options.showSecrets === true,
      });
      const tree = messages.map((message) => message.tree).join('\n');
      const faults = messages.flatMap(({ fault }, index) =>
        fault === null ? [] : [{ message: index + 1, fault }],
      );
      context.print(
        {
          octets: bytes.length,
          messages: messages.length,
          faults,
          tree: tree.split('\n').filter((line) => line !== ''),
        },
        () => tree,
      );
      if (faults.length > 0)
        throw new CommandError(
          faults
            .map(({ message, fault }) => `message ${message} cannot be decoded: ${fault}`)
            .slice(0, MAX_FAULTS_SHOWN)
            .join('\n'),
        );
    });
};

async function readMessage(source: string, context: CommandContext): Promise<Buffer> {
  if (source === '-') return octetsOrHex(await readAll(context.stdin), 'standard input');
  const file = resolve(context.cwd, source);
  const found = await stat(file).catch(() => null);
  if (found?.isFile() === true) {
    if (found.size > MAX_INPUT_OCTETS)
      throw new CommandError(`${source} is longer than ${MAX_INPUT_OCTETS} octets`, exitStatus.usage);
    return octetsOrHex(await readFile(file), source);
  }
  const bytes = parseHex(source);
  if (bytes === null)
    throw new CommandError(
      `"${source.slice(0, 60)}" is neither a file nor hexadecimal digits`,
      exitStatus.usage,
    );
  return bytes;
}

/**
 * Hexadecimal digits are taken as such; everything else is the octets themselves, even where they are no
 * Diameter.
 */
function octetsOrHex(content: Buffer, name: string): Buffer {
  if (content.length === 0) throw new CommandError(`${name} is empty`, exitStatus.usage);
  return parseHex(content.toString('latin1')) ?? content;
}

async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer | string>) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_INPUT_OCTETS)
      throw new CommandError(`standard input is longer than ${MAX_INPUT_OCTETS} octets`, exitStatus.usage);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

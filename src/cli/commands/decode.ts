/**
 * `hss decode <hex|file|->`: any Diameter message as a readable tree. Keys and password hashes are hidden
 * unless asked for. Ends with 1 where one of the messages cannot be decoded; those of applications that are
 * not ours are judged by their outer form only.
 */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { Dictionary, type TextBounds } from '../../diameter/codec/dictionary';
import { parseHex, readMessages, type RenderedMessage } from '../../diameter/codec/render';
import { baseTable } from '../../diameter/generated/base-tables';
import type { CommandContext, RegisterCommand } from '../context';
import type { CliPart } from '../contract';
import { readInput, type DecodeInput } from '../capture/decode-input';
import { CommandError, exitStatus } from '../exit-status';
import { packedWith } from '../import-format';

const MAX_INPUT_OCTETS = 64 * 1024 * 1024;
const MAX_FAULTS_SHOWN = 10;

interface DecodeOptions {
  readonly showSecrets?: boolean;
}

export const decodeCommand =
  (applications: readonly CliPart[]): RegisterCommand =>
  (program, context) => {
    const tables = [baseTable, ...new Set(applications.flatMap((application) => application.tables))];
    const textBounds = Object.assign(
      {},
      ...applications.map((application) => application.textBounds),
    ) as TextBounds;
    program
      .command('decode <message>')
      .description(
        'show Diameter messages as a tree: hexadecimal digits, a file or - for standard input; pcap, pcapng, hexdumps, digits or octets',
      )
      .option('--show-secrets', 'show keys and password hashes')
      .action(async (source: string, options: DecodeOptions) => {
        const input = readInput(await contentOf(source, context));
        const { messages, origins } = rendered(
          input,
          new Dictionary(tables, textBounds),
          options.showSecrets === true,
        );
        context.stderr.write(`taken for ${input.description}: ${counted(messages.length)}\n`);
        for (const note of input.notes) context.stderr.write(`not shown: ${note}\n`);
        const trees = messages.map(({ tree }, i) =>
          origins[i] === undefined ? tree : `${origins[i]}\n${tree}`,
        );
        const tree = trees.join('\n');
        const faults = messages.flatMap(({ fault }, index) =>
          fault === null ? [] : [{ message: index + 1, fault }],
        );
        context.print(
          {
            input: input.description,
            notes: input.notes,
            octets: input.octets.length,
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
        if (messages.length === 0)
          throw new CommandError(`there is no Diameter message in the ${input.description}`);
      });
  };

const counted = (count: number): string => `${count} ${count === 1 ? 'message' : 'messages'}`;

/** Each message, and where it was found if that is known. */
function rendered(
  input: DecodeInput,
  dictionary: Dictionary,
  showSecrets: boolean,
): { readonly messages: readonly RenderedMessage[]; readonly origins: readonly string[] } {
  if (input.captured === null)
    return { messages: readMessages(input.octets, dictionary, { showSecrets }), origins: [] };
  return {
    messages: input.captured.flatMap(({ octets }) => readMessages(octets, dictionary, { showSecrets })),
    origins: input.captured.flatMap(({ origin, octets }) =>
      readMessages(octets, dictionary, { showSecrets }).map(() => origin),
    ),
  };
}

/** The octets that are named: a file's, those of standard input, or the argument itself as text. */
async function contentOf(source: string, context: CommandContext): Promise<Buffer> {
  const file = resolve(context.cwd, source);
  const found = source === '-' ? null : await stat(file).catch(() => null);
  if (found?.isDirectory() === true) throw new CommandError(`${source} is a folder`, exitStatus.usage);
  if (source !== '-' && found?.isFile() !== true) {
    if (parseHex(source) !== null) return Buffer.from(source, 'latin1');
    throw new CommandError(
      `"${source.slice(0, 60)}" is neither a file nor hexadecimal digits`,
      exitStatus.usage,
    );
  }
  if (found !== null && found.size > MAX_INPUT_OCTETS)
    throw new CommandError(`${source} is longer than ${MAX_INPUT_OCTETS} octets`, exitStatus.usage);
  const name = source === '-' ? 'standard input' : source;
  const content = source === '-' ? await readAll(context.stdin) : await readFile(file);
  if (content.length === 0) throw new CommandError(`${name} is empty`, exitStatus.usage);
  const packed = packedWith(content);
  if (packed !== null)
    throw new CommandError(
      `${name} is packed with ${packed.what}: ${packed.unpack} ${source === '-' ? 'FILE' : source} | hss decode -`,
      exitStatus.usage,
    );
  return content;
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

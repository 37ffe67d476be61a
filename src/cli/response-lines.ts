/** The lines of a streamed answer as they come. */
import { CommandError } from './exit-status';

/** @throws CommandError where the connection breaks before the end */
export async function* responseLines(response: Response): AsyncGenerator<string, void, undefined> {
  if (response.body === null) return;
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
      const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      yield* lines.filter((line) => line !== '');
    }
  } catch (error) {
    throw new CommandError(
      `the connection to the HSS broke before the end: ${error instanceof Error ? error.message : String(error)}`,
      1,
      { cause: error },
    );
  }
  if (rest !== '') yield rest;
}

/**
 * Every User-Data that a test gets to see, from a handler or over a connection, is validated against the
 * schema of [29.228-E] when its file is done: what `noteUserData` is told of. jest loads this beside each
 * test file.
 */
import { expectValidUserData } from './validate-user-data';

const produced = new Set<string>();
/** For the validator's memory: documents of one call. */
const atOnceCount = 500;

/** `avps`: of a SAA or PPR of ours, decoded or decided. */
export function noteUserData(avps: object): void {
  const { userData } = avps as { readonly userData?: unknown };
  if (Buffer.isBuffer(userData)) produced.add(userData.toString('utf8'));
}

async function validate(): Promise<void> {
  const documents = [...produced];
  produced.clear();
  for (let from = 0; from < documents.length; from += atOnceCount)
    await expectValidUserData(...documents.slice(from, from + atOnceCount));
}

// Programs that tests start load this too, without jest around them.
if (typeof afterAll === 'function') afterAll(validate, 60_000);

/** What an import takes for one record: lines, documents over several lines, arrays; what is cut off, or foreign. */
import { jsonRecords } from '../../src/admin/json-records';

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const octets = Buffer.from(text);
  for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size);
}

/** [first line, last line, parsed value, or what it is instead] of each record. */
async function records(text: string, { max = 10_000, size = 7 } = {}): Promise<[number, number, unknown][]> {
  const found: [number, number, unknown][] = [];
  for await (const { number, last, octets, isForeign } of jsonRecords(pieces(text, size), max)) {
    if (octets?.toString().trim() === '') continue;
    let value: unknown = octets === null ? 'too long' : isForeign === true ? 'foreign' : 'no JSON';
    try {
      if (octets !== null) value = JSON.parse(octets.toString());
    } catch {
      // Named above.
    }
    found.push([number, last, value]);
  }
  return found;
}

const alice = { id: 'alice', text: 'braces }]{[ and "quotes" \\ in a text', list: [[1, 2], { a: [] }] };
const bob = { id: 'bob', nested: { a: { b: {} } } };
const carol = { ifcSet: { name: 'carol', list: [] } };

test('one record per line, with empty lines between', async () => {
  const text = `${JSON.stringify(alice)}\n\n${JSON.stringify(bob)}\r\n"text"\n12\nnull\n${JSON.stringify(carol)}`;
  expect(await records(text)).toEqual([
    [1, 1, alice],
    [3, 3, bob],
    [4, 4, 'text'],
    [5, 5, 12],
    [6, 6, null],
    [7, 7, carol],
  ]);
});

test.each([1, 2, 4])('documents over several lines, one after the other, indent %i', async (indent) => {
  const text = [alice, bob, carol].map((entry) => JSON.stringify(entry, null, indent)).join('\n');
  const found = await records(text);
  expect(found.map(([, , value]) => value)).toEqual([alice, bob, carol]);
  expect(found[1]?.[0]).toBe(JSON.stringify(alice, null, indent).split('\n').length + 1);
});

test.each([
  ['on one line', JSON.stringify([alice, bob, carol])],
  ['pretty-printed', JSON.stringify([alice, bob, carol], null, 2)],
  [
    'with a record on each line',
    `[\n${[alice, bob, carol].map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`,
  ],
])('an array %s', async (_how, text) => {
  expect((await records(text)).map(([, , value]) => value)).toEqual([alice, bob, carol]);
});

test('an array may be longer than one record may be', async () => {
  const many = Array.from({ length: 200 }, () => bob);
  expect(await records(JSON.stringify(many, null, 1), { max: 200 })).toHaveLength(200);
});

test('an empty array holds nothing', async () => {
  expect(await records('[]')).toEqual([]);
  expect(await records('[\n\n]\n')).toEqual([]);
});

test('a line that is cut off takes no other with it', async () => {
  const cut = '{"id":"cut","list":[';
  expect(await records(`${cut}\n${JSON.stringify(bob)}\n${JSON.stringify(carol)}`)).toEqual([
    [1, 1, 'no JSON'],
    [2, 2, bob],
    [3, 3, carol],
  ]);
  expect(await records(`{"id":"cut","te\n${JSON.stringify(bob)}`)).toEqual([
    [1, 1, 'no JSON'],
    [2, 2, bob],
  ]);
});

test('a mistake in a document over several lines is one record', async () => {
  const text = JSON.stringify(alice, null, 2).replace('],', ']');
  expect((await records(`${text}\n${JSON.stringify(bob)}`)).map(([, , value]) => value)).toEqual([
    'no JSON',
    bob,
  ]);
  expect(await records('{\n"id":\n')).toEqual([[1, 2, 'no JSON']]);
});

test('a document that is too long is one record, too, whatever it is spread over', async () => {
  const long = JSON.stringify({ id: 'x', list: Array.from({ length: 100 }, (_, i) => i) }, null, 1);
  expect(
    (await records(`${long}\n${JSON.stringify(bob)}`, { max: 200 })).map(([, , value]) => value),
  ).toEqual(['too long', bob]);
});

test('lines of another format come as one', async () => {
  expect(
    await records('id: alice\nprivateIdentities:\n  - identity: a@b\n\n{"id":"bob"}\na;b\nc;d\n'),
  ).toEqual([
    [1, 3, 'foreign'],
    [5, 5, { id: 'bob' }],
    [6, 7, 'foreign'],
  ]);
});

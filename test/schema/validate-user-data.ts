/**
 * Checks User-Data (the Cx user profile) against the schema of [29.228-E] in CxDataType.xsd, with libxml2's
 * own validator compiled to WebAssembly (xmllint-wasm): no system package, no network. A call starts a worker
 * thread (about 60 ms), so give it all the documents of a test at once.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateXML } from 'xmllint-wasm';

const schema = {
  fileName: 'CxDataType.xsd',
  contents: readFileSync(join(__dirname, 'CxDataType.xsd'), 'utf8'),
};

/**
 * What is wrong with each document, in the documents' order; an empty list means that it is well-formed and
 * valid.
 * @throws Error when the validator itself fails.
 */
export async function validateUserDataDocuments(documents: readonly string[]): Promise<string[][]> {
  if (documents.length === 0) return [];
  const names = documents.map((_, index) => `document${index}.xml`);
  const result = await validateXML({
    xml: documents.map((contents, index) => ({ fileName: names[index] ?? '', contents })),
    schema,
  });
  const lines = result.rawOutput.split('\n');
  return names.map((name) => {
    if (lines.includes(`${name} validates`)) return [];
    const faults = lines
      .filter((line) => line.startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1));
    return faults.length > 0 ? faults : [`not validated; the validator said: ${result.rawOutput}`];
  });
}

/** What is wrong with one document; an empty list means valid. */
export async function validateUserData(xml: string): Promise<string[]> {
  const [faults] = await validateUserDataDocuments([xml]);
  return faults ?? [];
}

/**
 * @throws Error that lists what is wrong, and shows the document. For use in tests of anything that makes
 * User-Data.
 */
export async function expectValidUserData(...documents: readonly string[]): Promise<void> {
  const results = await validateUserDataDocuments(documents);
  const report = results.flatMap((faults, index) =>
    faults.length === 0 ? [] : [`${faults.join('\n')}\n${documents[index] ?? ''}`],
  );
  if (report.length > 0)
    throw new Error(`User-Data does not fit the schema of TS 29.228 Annex E:\n${report.join('\n\n')}`);
}

/**
 * Texts that have to be quoted in YAML: `opc: 1e11...` is a number there, `imsi: 001...` loses its zeros, and
 * what is sent to the API is no longer what stands in the file. The schema says where a text belongs.
 */
import { isPair, isScalar, visit, type Document, type Node, type Pair } from 'yaml';
import { z } from 'zod';

export interface UnquotedText {
  /** As in privateIdentities[0].imsi */
  readonly place: string;
  /** "a number" */
  readonly readAs: string;
  /** Offset in the text of the document. */
  readonly offset: number;
}

type Step = string | number;

/** The schemas that a value below `schema` may have. */
function below(schema: unknown, step: Step): unknown[] {
  return inner(schema).flatMap((candidate) => {
    if (candidate instanceof z.ZodObject)
      return typeof step === 'string' && Object.hasOwn(candidate.shape, step)
        ? [(candidate.shape as Readonly<Record<string, unknown>>)[step]]
        : [];
    return candidate instanceof z.ZodArray && typeof step === 'number' ? [candidate.element] : [];
  });
}

/** Without what only says that it may be left out, and each part of a union. */
function inner(schema: unknown): unknown[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(inner);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  )
    return inner(schema.def.innerType);
  return [schema];
}

function wantsText(schema: z.ZodType, path: readonly Step[]): boolean {
  const found = path.reduce<unknown[]>(
    (schemas, step) => schemas.flatMap((one) => below(one, step)),
    [schema],
  );
  const last = found.flatMap(inner);
  return (
    last.length > 0 && last.every((one) => one instanceof z.ZodString || one instanceof z.ZodStringFormat)
  );
}

/** From the nodes above a scalar to the way that leads to it. */
function pathTo(key: unknown, ancestors: readonly (Document | Node | Pair)[]): Step[] {
  const steps: Step[] = [];
  ancestors.forEach((ancestor, i) => {
    const next = ancestors[i + 1];
    if (isPair(ancestor)) steps.push(isScalar(ancestor.key) ? String(ancestor.key.value) : '');
    else if ('items' in ancestor) {
      const index = next === undefined ? key : (ancestor.items as unknown[]).indexOf(next);
      if (typeof index === 'number' && !isPair(ancestor.items[index])) steps.push(index);
    }
  });
  return steps;
}

const placeOf = (path: readonly Step[]): string =>
  path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');

/**
 * Scalars without quotes that YAML reads as something else than the text that the schema wants. @param mayBeNull
 * for a merge patch, where null removes
 */
export function unquotedTexts(document: Document, schema: z.ZodType, mayBeNull = false): UnquotedText[] {
  const found: UnquotedText[] = [];
  visit(document, {
    Scalar(key, scalar, ancestors) {
      const { value } = scalar;
      if (key === 'key' || typeof value === 'string' || (value === null && (mayBeNull || !scalar.source)))
        return;
      const path = pathTo(key, ancestors);
      if (!wantsText(schema, path)) return;
      const readAs = value === null ? 'null' : typeof value === 'boolean' ? 'true or false' : 'a number';
      found.push({ place: placeOf(path), readAs, offset: scalar.range?.[0] ?? 0 });
    },
  });
  return found;
}

/** What is said of one; the text itself may be a secret. */
export const unquotedText = ({ place, readAs }: UnquotedText): string =>
  `${place} has to be in quotes: without them it is read as ${readAs}`;

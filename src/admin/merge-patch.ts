/**
 * JSON Merge Patch, RFC 7396: the algorithm of its clause 2, on plain JSON values. Neither argument is
 * changed.
 */
import { faultyDocument, pointerOf } from './problem';

type JsonObject = Readonly<Record<string, unknown>>;

/** Deeper than any document of ours; keeps the recursion bounded. */
const maxPatchDepth = 32;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * @throws ProblemError for a patch that no document could have asked for (too deep, or a "__proto__" member)
 */
export function mergePatch(target: unknown, patch: unknown, path: readonly string[] = []): unknown {
  if (!isObject(patch)) return patch;
  if (path.length > maxPatchDepth)
    throw faultyDocument([{ pointer: pointerOf(path), detail: `nested more than ${maxPatchDepth} deep` }]);
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (name === '__proto__')
      throw faultyDocument([{ pointer: pointerOf([...path, name]), detail: 'is not a known property here' }]);
    if (value === null) delete result[name];
    else
      result[name] = mergePatch(Object.hasOwn(result, name) ? result[name] : undefined, value, [
        ...path,
        name,
      ]);
  }
  return result;
}

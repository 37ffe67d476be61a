/**
 * The life of one kind of provisioned document over HTTP: get, create or replace, merge-patch and delete,
 * each one atomic change with its entity tag. Subscriptions and the four shared sets are the same to it.
 */
import type { z } from 'zod';
import type {
  DeleteOutcome,
  Precondition,
  ProvisioningFault,
  ProvisioningOutcome,
  StoredDocument,
} from '../subscriber/provisioning';
import type { ProvisioningWarning } from '../subscriber/provisioning-warnings';
import { changePrecondition, notModified, preconditionFailed } from './entity-tags';
import { mergePatch } from './merge-patch';
import { faultyDocument, ProblemError } from './problem';
import type { ApiAnswer, ApiRequest } from './route';
import { validate } from './validation';

/** How often a merge patch is applied again when somebody else changed the document in between. */
const patchTriesCount = 5;

export interface Resource<S extends z.ZodType> {
  /** "subscription": for the sentences of problems. */
  readonly noun: string;
  readonly schema: S;
  /** The property that is the last part of the path. */
  readonly key: 'id' | 'name' | 'value';
  /** "/v1/subscriptions" */
  readonly collection: string;
  get(name: string): Promise<StoredDocument<unknown> | null>;
  put(document: z.output<S>, precondition: Precondition): Promise<ProvisioningOutcome>;
  remove(name: string, precondition: Precondition): Promise<DeleteOutcome>;
  /** Doubts about a document whose shape has no fault; it is stored all the same. */
  warnings?(document: z.output<S>): readonly ProvisioningWarning[];
  /** What the store has against a document whose shape is faulty, so that all faults are told at once. */
  besides?(document: unknown): Promise<readonly ProvisioningFault[]>;
}

function nameOf(request: ApiRequest): string {
  return request.params['id'] ?? request.params['name'] ?? request.params['value'] ?? '';
}

function notFound(noun: string, name: string): ProblemError {
  return new ProblemError(404, `There is no ${noun} "${name}".`);
}

export function refused(
  faults: readonly ProvisioningFault[],
  conflict: boolean,
  warnings: readonly ProvisioningWarning[] = [],
): ProblemError {
  return faultyDocument(
    faults.map((fault) => ({ pointer: fault.pointer, detail: fault.detail })),
    conflict ? 409 : 422,
    warnings,
  );
}

/** `warnings` comes out with a change and is ignored where it comes in again (readOnly in the OpenAPI document). */
export function withoutWarnings(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, 'warnings')) return body;
  const { warnings: _ignored, ...document } = body as Readonly<Record<string, unknown>>;
  return document;
}

/** The document that a body stands for: the key of the path is filled in, another one is a fault. */
async function parseBody<S extends z.ZodType>(
  resource: Resource<S>,
  name: string,
  received: unknown,
): Promise<z.output<S>> {
  const body = withoutWarnings(received);
  const object = typeof body === 'object' && body !== null && !Array.isArray(body);
  const given: unknown =
    object && !Object.hasOwn(body, resource.key) ? { [resource.key]: name, ...body } : body;
  const result = validate(resource.schema, given);
  const faults = result.ok ? [] : [...result.faults];
  const key: unknown = object ? Reflect.get(given as object, resource.key) : name;
  if (typeof key === 'string' && key !== name)
    faults.push({ pointer: `/${resource.key}`, detail: 'is not the name in the path' });
  if (!result.ok && resource.besides !== undefined) {
    const isToldAlready = (pointer: string): boolean =>
      faults.some((fault) => fault.pointer !== undefined && `${pointer}/`.startsWith(`${fault.pointer}/`));
    faults.push(
      ...(await resource.besides(object ? { ...(given as object), [resource.key]: name } : given))
        .filter(({ pointer }) => !isToldAlready(pointer))
        .map((fault) => ({ ...fault })),
    );
  }
  if (!result.ok || faults.length > 0) throw faultyDocument(faults);
  return result.value;
}

export async function getDocument<S extends z.ZodType>(
  resource: Resource<S>,
  request: ApiRequest,
): Promise<ApiAnswer> {
  const name = nameOf(request);
  const stored = await resource.get(name);
  if (stored === null) throw notFound(resource.noun, name);
  const headers = { etag: stored.etag };
  if (notModified(request.headers, stored.etag)) return { status: 304, headers };
  return { status: 200, headers, body: stored.document };
}

export async function putDocument<S extends z.ZodType>(
  resource: Resource<S>,
  request: ApiRequest,
): Promise<ApiAnswer> {
  const name = nameOf(request);
  const precondition = await changePrecondition(
    request.headers,
    async () => (await resource.get(name))?.etag ?? null,
  );
  const document = await parseBody(resource, name, request.body);
  const outcome = await resource.put(document, precondition);
  return changed(resource, name, outcome, resource.warnings?.(document) ?? []);
}

/**
 * What the change left behind, as the representation of the answer (RFC 9110 9.3.4 with Content-Location).
 */
async function changed<S extends z.ZodType>(
  resource: Resource<S>,
  name: string,
  outcome: ProvisioningOutcome,
  doubts: readonly ProvisioningWarning[],
): Promise<ApiAnswer> {
  if (outcome.kind === 'preconditionFailed') throw preconditionFailed(outcome.currentEtag);
  if (outcome.kind === 'refused') throw refused(outcome.faults, outcome.conflict, doubts);
  const warnings = [...doubts, ...(outcome.warnings ?? [])];
  const location = `${resource.collection}/${encodeURIComponent(name)}`;
  const stored = await resource.get(name);
  if (stored === null)
    throw new ProblemError(409, `The ${resource.noun} was stored and deleted again by somebody else.`);
  return {
    status: outcome.kind === 'created' ? 201 : 200,
    headers: {
      etag: stored.etag,
      'content-location': location,
      ...(outcome.kind === 'created' ? { location } : {}),
    },
    body: warnings.length === 0 ? stored.document : { ...(stored.document as object), warnings },
  };
}

/**
 * Applies an RFC 7396 patch to the stored document and stores the whole again. The patch is decided on one
 * version and stored only over that version; without an If-Match of the client it is applied again to a newer
 * one.
 */
export async function patchDocument<S extends z.ZodType>(
  resource: Resource<S>,
  request: ApiRequest,
): Promise<ApiAnswer> {
  const name = nameOf(request);
  const precondition = await changePrecondition(
    request.headers,
    async () => (await resource.get(name))?.etag ?? null,
  );
  const pinned = precondition.ifMatch !== undefined && precondition.ifMatch !== '*';
  for (let attempt = 1; ; attempt += 1) {
    const stored = await resource.get(name);
    if (stored === null)
      throw precondition.ifMatch === undefined ? notFound(resource.noun, name) : preconditionFailed(null);
    if (precondition.ifNoneMatch !== undefined || (pinned && precondition.ifMatch !== stored.etag))
      throw preconditionFailed(stored.etag);
    const document = await parseBody(resource, name, mergePatch(stored.document, request.body));
    const outcome = await resource.put(document, { ifMatch: stored.etag });
    if (outcome.kind !== 'preconditionFailed' || pinned || attempt >= patchTriesCount)
      return changed(resource, name, outcome, resource.warnings?.(document) ?? []);
  }
}

export async function deleteDocument<S extends z.ZodType>(
  resource: Resource<S>,
  request: ApiRequest,
): Promise<ApiAnswer> {
  const name = nameOf(request);
  const precondition = await changePrecondition(
    request.headers,
    async () => (await resource.get(name))?.etag ?? null,
  );
  const outcome = await resource.remove(name, precondition);
  if (outcome.kind === 'notFound')
    throw precondition.ifMatch === undefined ? notFound(resource.noun, name) : preconditionFailed(null);
  if (outcome.kind === 'preconditionFailed') throw preconditionFailed(outcome.currentEtag);
  if (outcome.kind === 'refused') {
    throw new ProblemError(
      outcome.conflict ? 409 : 422,
      `The ${resource.noun} cannot be deleted; nothing was changed.`,
      outcome.faults.map((fault) => ({ ...fault })),
    );
  }
  return { status: 204 };
}

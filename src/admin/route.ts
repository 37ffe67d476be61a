/**
 * What a route of the API is. One table entry both registers it with the HTTP server and describes it in the
 * OpenAPI document, so the description cannot leave a route out. Handlers know nothing of the HTTP server.
 */
import type { Readable } from 'node:stream';
import type { z } from 'zod';

export const jsonMediaType = 'application/json';
export const mergePatchMediaType = 'application/merge-patch+json';
export const ndjsonMediaType = 'application/x-ndjson';
/** RFC 4180 */
export const csvMediaType = 'text/csv';

export interface ApiRequest {
  readonly params: Readonly<Record<string, string>>;
  /** Checked against the route's query schema, defaults applied. */
  readonly query: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The parsed JSON of routes with a JSON body. */
  readonly body: unknown;
  /** The raw body of routes that take NDJSON or CSV. */
  readonly stream: Readable | null;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Instead of body: text in pieces, of the route's answer type. */
  readonly stream?: AsyncIterable<string>;
}

export interface AnswerDescription {
  readonly description: string;
  /** Name of a component schema. */
  readonly schema?: string;
  readonly example?: unknown;
  readonly headers?: readonly ('ETag' | 'Location')[];
}

export interface Route {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'DELETE' | 'POST';
  /** In OpenAPI notation: /v1/subscriptions/{id}. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly query?: z.ZodObject;
  readonly conditional?: 'read' | 'change';
  readonly body?: {
    readonly mediaType: string;
    /** Other types that it takes, with an example of each. */
    readonly otherTypes?: Readonly<Record<string, string>>;
    readonly schema: string;
    readonly description: string;
    readonly example?: unknown;
  };
  /** Media type of a success with content; JSON where absent. */
  readonly answerMediaType?: string;
  readonly answers: Readonly<Record<number, AnswerDescription>>;
  /** Statuses of problems that this route gives besides those that every route gives. */
  readonly problems: readonly number[];
  handle(request: ApiRequest): Promise<ApiAnswer>;
}

/** Every media type that a body may have. */
export const mediaTypesOf = ({
  mediaType,
  otherTypes = {},
}: NonNullable<Route['body']>): readonly string[] => [mediaType, ...Object.keys(otherTypes)];

/**
 * The OpenAPI 3.1 document, made of the route table and the zod schemas. Its schema objects are JSON Schema
 * 2020-12, the dialect that OpenAPI 3.1 takes unless told otherwise.
 */
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import type { AdminPart } from '../contract';
import { problemMediaType } from '../problem';
import { jsonMediaType, type AnswerDescription, type Route } from '../route';
import { problemExample } from './examples';
import { componentSchemas, warnedComponents } from './views';

type JsonObject = Record<string, unknown>;

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: JsonObject;
  readonly tags: readonly JsonObject[];
  readonly security: readonly JsonObject[];
  readonly paths: Record<string, Record<string, unknown>>;
  readonly components: JsonObject;
}

/** Properties that go in and never come out; `writeOnly` in the schemas. */
export const secretProperties: ReadonlySet<string> = new Set([
  'k',
  'opc',
  'op',
  'password',
  'ha1',
  'ha1Sha256',
]);

const reference = (kind: string, name: string): JsonObject => ({ $ref: `#/components/${kind}/${name}` });

/** Comes out with a change that leaves doubts; ignored where it comes in. */
const warningsProperty: JsonObject = {
  type: 'array',
  items: reference('schemas', 'Warning'),
  readOnly: true,
  description: 'In the answer to a change only, where there are any; ignored in a request',
};

function componentsOfZod(applications: readonly AdminPart[]): JsonObject {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(componentSchemas(applications))) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    target: 'draft-2020-12',
    io: 'input',
    uri: (id) => `#/components/schemas/${id}`,
    override: ({ jsonSchema }) => {
      for (const [name, property] of Object.entries(jsonSchema.properties ?? {})) {
        if (secretProperties.has(name) && typeof property === 'object') property.writeOnly = true;
      }
    },
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]): [string, unknown] => {
      const { $schema: _dialect, $id: _address, ...rest } = schema;
      if (!warnedComponents.includes(id)) return [id, rest];
      return [id, { ...rest, properties: { ...rest.properties, warnings: warningsProperty } }];
    }),
  );
}

const headerComponents: JsonObject = {
  ETag: { description: 'Entity tag of what is stored, for If-Match', schema: { type: 'string' } },
  Location: { description: 'Where the document is', schema: { type: 'string' } },
};

const parameterComponents: JsonObject = {
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    required: false,
    description: 'Change only what has this entity tag; * for "only if it exists"',
    schema: { type: 'string' },
  },
  IfNoneMatchChange: {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description: '* for "only if there is none yet"',
    schema: { type: 'string', const: '*' },
  },
  IfNoneMatchRead: {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description: 'Entity tag that the client has: 304 if it is still the stored one',
    schema: { type: 'string' },
  },
};

/** Every route may end with these. */
const commonProblems = [401, 403, 406, 500, 503];

const problemTexts: Readonly<Record<number, string>> = {
  400: 'A query parameter, a header or the JSON text itself is malformed',
  401: 'A bearer token is needed',
  403: 'Without a token only loopback names and origins may ask',
  404: 'Nothing of this name is stored',
  406: 'The client does not accept the type of the answer',
  409: 'Another document stands against it: an identity belongs to another subscription, or something still names the set',
  412: 'What is stored is not what the precondition names',
  413: 'The body is too large',
  415: 'The body is of another type',
  422: 'The document has faults; all are listed, nothing was changed',
  500: 'A fault of the HSS, logged there',
  503: 'The database does not answer; try again',
};

function problemResponses(): JsonObject {
  return Object.fromEntries(
    Object.entries(problemTexts).map(([status, description]) => [
      `Problem${status}`,
      {
        description,
        ...(status === '401' ? { headers: { 'WWW-Authenticate': { schema: { type: 'string' } } } } : {}),
        ...(status === '503'
          ? { headers: { 'Retry-After': { description: 'Seconds', schema: { type: 'integer' } } } }
          : {}),
        content: {
          [problemMediaType]: {
            schema: reference('schemas', 'Problem'),
            ...(status === '422' ? { example: problemExample } : {}),
          },
        },
      },
    ]),
  );
}

function response(answer: AnswerDescription, mediaType: string): JsonObject {
  return {
    description: answer.description,
    ...(answer.headers === undefined
      ? {}
      : { headers: Object.fromEntries(answer.headers.map((name) => [name, reference('headers', name)])) }),
    ...(answer.schema === undefined
      ? {}
      : {
          content: {
            [mediaType]: {
              schema: reference('schemas', answer.schema),
              ...(answer.example === undefined ? {} : { example: answer.example }),
            },
          },
        }),
  };
}

function queryParameters(query: z.ZodObject): JsonObject[] {
  const schema = z.toJSONSchema(query, { target: 'draft-2020-12', io: 'output' });
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const { description, ...rest } = typeof property === 'object' ? property : {};
    return {
      name,
      in: 'query',
      required: false,
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

function parameters(route: Route): JsonObject[] {
  const path = Object.entries(route.pathParameters ?? {}).map(([name, description]) => ({
    name,
    in: 'path',
    required: true,
    description,
    schema: { type: 'string' },
  }));
  const headers =
    route.conditional === 'change'
      ? [
          reference('parameters', 'IfMatch'),
          ...(route.method === 'PUT' ? [reference('parameters', 'IfNoneMatchChange')] : []),
        ]
      : route.conditional === 'read'
        ? [reference('parameters', 'IfNoneMatchRead')]
        : [];
  return [...path, ...(route.query === undefined ? [] : queryParameters(route.query)), ...headers];
}

function operation(route: Route): JsonObject {
  const problems = [
    ...new Set([...route.problems, ...(route.body === undefined ? [] : [400, 413, 415]), ...commonProblems]),
  ];
  const responses: JsonObject = {};
  for (const [status, answer] of Object.entries(route.answers))
    responses[status] = response(answer, route.answerMediaType ?? jsonMediaType);
  for (const status of problems) {
    if (!(status in problemTexts))
      throw new Error(`no description of status ${status} (${STATUS_CODES[status] ?? '?'})`);
    responses[String(status)] = reference('responses', `Problem${status}`);
  }
  const list = parameters(route);
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    ...(list.length === 0 ? {} : { parameters: list }),
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            description: route.body.description,
            content: {
              [route.body.mediaType]: {
                schema: reference('schemas', route.body.schema),
                ...(route.body.example === undefined ? {} : { example: route.body.example }),
              },
              ...Object.fromEntries(
                Object.entries(route.body.otherTypes ?? {}).map(([type, example]) => [
                  type,
                  { schema: { type: 'string' }, example },
                ]),
              ),
            },
          },
        }),
    responses,
  };
}

/** `applications`: whose tags and schemas `routes` use. */
export function openApiDocument(
  routes: readonly Route[],
  applications: readonly AdminPart[],
  version: string,
  tokenRequired: boolean,
): OpenApiDocument {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route);
  return {
    openapi: '3.1.1',
    info: {
      title: 'HSS provisioning and operations',
      version,
      license: { name: 'GPL-3.0-or-later', identifier: 'GPL-3.0-or-later' },
      description:
        'IMS subscriptions as one document each, what they share, their registration state and the Diameter peers. Every change is atomic; every answer that is not a success is a problem (RFC 9457) with all faults at once. Secrets go in and never come out.',
    },
    tags: [
      { name: 'Subscriptions', description: 'IMS subscriptions (TS 29.228 Annex B)' },
      { name: 'Shared sets', description: 'What many subscriptions name' },
      { name: 'State', description: 'Registrations, peers and the log' },
      ...applications.flatMap((application) => application.tags),
      { name: 'Transfer', description: 'Bulk import and export' },
    ],
    security: tokenRequired ? [{ bearer: [] }] : [{}, { bearer: [] }],
    paths,
    components: {
      schemas: componentsOfZod(applications),
      responses: problemResponses(),
      headers: headerComponents,
      parameters: parameterComponents,
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'Required as soon as the API listens beyond the loopback',
        },
      },
    },
  };
}

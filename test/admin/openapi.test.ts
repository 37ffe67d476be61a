/** The OpenAPI document: valid OpenAPI 3.1 in structure, complete, and true about secrets. */
import Ajv2020 from 'ajv/dist/2020';
import { openApiDocument, secretProperties } from '../../src/admin/openapi/document';
import { subscriptionExample } from '../../src/admin/openapi/examples';
import { apiRoutes } from '../../src/admin/server';
import { cxAdmin } from '../../src/apps/cx/admin';
import { dxAdmin } from '../../src/apps/dx/admin';
import { s6aAdmin } from '../../src/apps/s6a/admin';

type Json = Record<string, unknown>;

// Building the document and the route table calls neither the store nor the peers.
const unused = new Proxy(
  {},
  {
    get: () => () => {
      throw new Error('not to be called');
    },
  },
) as never;
const applications = [
  cxAdmin({ store: unused, registrations: unused, pushes: unused }),
  dxAdmin(unused),
  s6aAdmin({
    store: unused,
    attachments: unused,
    outbox: unused,
    destinations: unused,
    wake: unused,
    reactions: unused,
  }),
];
const routes = apiRoutes({ store: unused, peers: unused, applications, log: unused, version: '1.2.3' });
const openapi = openApiDocument(routes, applications, '1.2.3', true);

function walk(node: unknown, visit: (node: Json) => void): void {
  if (Array.isArray(node)) {
    for (const entry of node) walk(entry, visit);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  visit(node as Json);
  for (const value of Object.values(node)) walk(value, visit);
}

function resolve(reference: string): unknown {
  return reference
    .slice(2)
    .split('/')
    .reduce<unknown>((node, name) => (node as Json | undefined)?.[name], openapi);
}

const operations = Object.entries(openapi.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation: operation as Json })),
);

describe('OpenAPI document', () => {
  test('has the fields of OpenAPI 3.1 and no others', () => {
    expect(openapi.openapi).toMatch(/^3\.1\.\d+$/);
    expect(Object.keys(openapi).sort()).toEqual([
      'components',
      'info',
      'openapi',
      'paths',
      'security',
      'tags',
    ]);
    expect(openapi.info).toMatchObject({ title: expect.any(String) as string, version: '1.2.3' });
    expect(Object.keys(openapi.components)).toEqual(expect.arrayContaining(['schemas', 'securitySchemes']));
    for (const name of Object.keys(openapi.components['schemas'] as Json))
      expect(name).toMatch(/^[A-Za-z0-9._-]+$/);
  });

  test('every reference leads somewhere', () => {
    let references = 0;
    walk(openapi, (node) => {
      if (typeof node['$ref'] !== 'string') return;
      references += 1;
      expect({ reference: node['$ref'], found: resolve(node['$ref']) !== undefined }).toEqual({
        reference: node['$ref'],
        found: true,
      });
    });
    expect(references).toBeGreaterThan(100);
  });

  test('has every route, each operation whole', () => {
    expect(operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`).sort()).toEqual(
      routes.map((route) => `${route.method} ${route.path}`).sort(),
    );
    expect(new Set(operations.map(({ operation }) => operation['operationId'])).size).toBe(operations.length);
    const allowed = [
      'operationId',
      'tags',
      'summary',
      'description',
      'parameters',
      'requestBody',
      'responses',
    ];
    for (const { path, operation } of operations) {
      expect(allowed).toEqual(expect.arrayContaining(Object.keys(operation)));
      const parameters = (operation['parameters'] ?? []) as Json[];
      const templated = [...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1]);
      expect(parameters.filter((entry) => entry['in'] === 'path').map((entry) => entry['name'])).toEqual(
        templated,
      );
      const responses = operation['responses'] as Record<string, Json>;
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['401', '403', '406', '500', '503']));
      for (const [status, response] of Object.entries(responses)) {
        expect(status).toMatch(/^[2-5]\d\d$/);
        expect(response['$ref'] ?? response['description']).toEqual(expect.any(String));
      }
    }
  });

  test('its schemas are JSON Schema 2020-12, and its examples are valid', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ ...openapi, $id: 'https://hss.example/openapi' });
    let examples = 0;
    for (const name of Object.keys(openapi.components['schemas'] as Json)) {
      expect(() =>
        ajv.compile({ $ref: `https://hss.example/openapi#/components/schemas/${name}` }),
      ).not.toThrow();
    }
    walk(openapi.paths, (node) => {
      const { schema, example } = node;
      if (typeof example !== 'object' || typeof schema !== 'object' || schema === null) return;
      examples += 1;
      const check = ajv.compile({ $ref: `https://hss.example/openapi${(schema as Json)['$ref'] as string}` });
      expect({ valid: check(example), errors: check.errors ?? [] }).toEqual({ valid: true, errors: [] });
    });
    expect(examples).toBeGreaterThan(15);
  });

  test('secrets are write-only, and no example of an answer has one', () => {
    const found = new Set<string>();
    walk(openapi.components['schemas'], (node) => {
      for (const [name, property] of Object.entries((node['properties'] ?? {}) as Record<string, Json>)) {
        if (!secretProperties.has(name)) continue;
        found.add(name);
        expect(property['writeOnly']).toBe(true);
      }
    });
    expect(found).toEqual(secretProperties);
    expect(subscriptionExample.usims?.[0]?.aka).toEqual({
      algorithm: 'milenage',
      amf: '8000',
      indBits: 5,
    });
  });
});

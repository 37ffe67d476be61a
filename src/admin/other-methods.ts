/** Methods that a known path does not have: 405 and not 404, with Allow (RFC 9110 15.5.6) and what to do instead. */
import { ProblemError } from './problem';
import type { Route } from './route';

export interface OtherMethods {
  readonly path: string;
  /** What the path does not have. */
  readonly methods: readonly string[];
  readonly refusal: (method: string) => ProblemError;
}

const methods = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'POST', 'OPTIONS'];

/** One document of a collection is made by naming it. */
function advice(method: string, path: string, routes: readonly Route[]): string {
  const one = routes.find((route) => route.method === 'PUT' && route.path.replace(/\/\{\w+\}$/, '') === path);
  return one !== undefined && ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method)
    ? ` ${method === 'POST' ? `Use PUT ${one.path} to create one` : `Name one: ${method} ${one.path}`}; POST /v1/import takes many.`
    : '';
}

export function otherMethods(routes: readonly Route[]): OtherMethods[] {
  return [...new Set(routes.map(({ path }) => path))].map((path) => {
    const known = routes.filter((route) => route.path === path);
    const allowed: string[] = known.map((route) => route.method);
    if (known.some((route) => route.method === 'GET' && route.answerMediaType === undefined))
      allowed.push('HEAD');
    return {
      path,
      methods: methods.filter((method) => !allowed.includes(method)),
      refusal: (method) =>
        new ProblemError(
          405,
          `${method} is not possible here; ${allowed.join(', ')} ${allowed.length === 1 ? 'is' : 'are'}.${advice(method, path, routes)}`,
          [],
          { allow: allowed.join(', ') },
        ),
    };
  });
}

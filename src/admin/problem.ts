/**
 * Problem details for HTTP APIs, RFC 9457: the one form of every answer that is not a success. `errors` is
 * our extension member: one entry per fault, with an RFC 6901 pointer into the document, or the name of the
 * query parameter or header at fault. `warnings` is another: doubts about the same document.
 */
import { STATUS_CODES } from 'node:http';
import type { ProvisioningWarning } from '../subscriber/provisioning-warnings';

/** One fault; exactly one of pointer, parameter and header says where. */
export interface Fault {
  readonly pointer?: string;
  readonly parameter?: string;
  readonly header?: string;
  readonly detail: string;
}

export interface ProblemDocument {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly Fault[];
  readonly warnings?: readonly ProvisioningWarning[];
}

export const problemMediaType = 'application/problem+json';

/** Thrown by anything below a route to end the request with this answer. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(
    readonly status: number,
    readonly detail: string,
    readonly faults: readonly Fault[] = [],
    readonly headers: Readonly<Record<string, string>> = {},
    readonly warnings: readonly ProvisioningWarning[] = [],
  ) {
    super(detail);
  }

  document(): ProblemDocument {
    return {
      type: 'about:blank',
      title: STATUS_CODES[this.status] ?? 'Error',
      status: this.status,
      detail: this.detail,
      ...(this.faults.length > 0 ? { errors: this.faults } : {}),
      ...(this.warnings.length > 0 ? { warnings: this.warnings } : {}),
    };
  }
}

/** The 422 (or given status) for a document with faults: all of them at once. */
export function faultyDocument(
  faults: readonly Fault[],
  status = 422,
  warnings: readonly ProvisioningWarning[] = [],
): ProblemError {
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
  return new ProblemError(status, `The document has ${count}; nothing was changed.`, faults, {}, warnings);
}

/** RFC 6901 pointer of a path. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

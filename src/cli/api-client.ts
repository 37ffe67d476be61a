/**
 * The client that commands use to reach the HTTP API of a running HSS; problem+json (RFC 9457) becomes
 * readable text.
 */
import { errorText } from '../shared/error-text';
import { CommandError } from './exit-status';

export interface ApiClientOptions {
  /** E.g. http://127.0.0.1:8080; a path in it is kept as a prefix. */
  readonly baseUrl: string;
  readonly token?: string | undefined;
  readonly timeoutMs: number;
}

export interface ApiRequest {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, for imports; give its content-type in `headers`. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** Another time limit than the client's; 0 for none (streams). */
  readonly timeoutMs?: number;
}

export interface ApiResponse<T> {
  readonly status: number;
  readonly etag: string | null;
  readonly body: T;
}

/** A doubt about what was stored. */
export interface Warning {
  readonly pointer: string;
  readonly detail: string;
}

/** RFC 9457, with the list of faults that this API adds. */
export interface Problem {
  readonly warnings?: readonly Warning[];
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly errors?: readonly {
    readonly pointer?: string;
    readonly parameter?: string;
    readonly header?: string;
    readonly detail?: string;
  }[];
}

/** The API answered with an error status. */
export class ApiError extends CommandError {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problemText(status, problem));
  }
}

export class ApiClient {
  constructor(private readonly options: ApiClientOptions) {}

  get baseUrl(): string {
    return this.options.baseUrl;
  }

  /**
   * One call whose answer is read as JSON (undefined where there is none). The body's type is the caller's
   * claim.
   * @throws ApiError for a status of 400 and above, CommandError where the API cannot be reached.
   */
  async call<T>(method: string, path: string, request: ApiRequest = {}): Promise<ApiResponse<T>> {
    const response = await this.open(method, path, request);
    const text = await this.reading(response.text());
    return {
      status: response.status,
      etag: response.headers.get('etag'),
      body: parseJson(text, response) as T,
    };
  }

  /** The same with the answer's body not read, for streams. */
  async open(method: string, path: string, request: ApiRequest = {}): Promise<Response> {
    const timeoutMs = request.timeoutMs ?? this.options.timeoutMs;
    const body = request.json === undefined ? request.body : JSON.stringify(request.json);
    const response = await this.reading(
      fetch(this.address(path, request.query), {
        method,
        headers: this.headers(request),
        ...(body === undefined ? {} : { body, duplex: 'half' }),
        ...(timeoutMs === 0 ? {} : { signal: AbortSignal.timeout(timeoutMs) }),
      }),
    );
    if (response.status < 400) return response;
    throw new ApiError(response.status, readProblem(await this.reading(response.text())));
  }

  private address(path: string, query: ApiRequest['query'] = {}): string {
    const url = new URL(this.options.baseUrl.replace(/\/+$/, '') + path);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    return url.href;
  }

  private headers(request: ApiRequest): Record<string, string> {
    return {
      accept: 'application/json',
      ...(this.options.token === undefined ? {} : { authorization: `Bearer ${this.options.token}` }),
      ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
      ...request.headers,
    };
  }

  private async reading<T>(step: Promise<T>): Promise<T> {
    try {
      return await step;
    } catch (error) {
      throw new CommandError(
        `the HSS at ${this.options.baseUrl} cannot be asked: ${networkReason(error)}\nIs it running? --api or HSS_API names another address.`,
        1,
        { cause: error },
      );
    }
  }
}

/** fetch hides the reason behind its cause. */
function networkReason(error: unknown): string {
  if (typeof error !== 'object' || error === null) return errorText(error);
  if ('name' in error && error.name === 'TimeoutError') return 'no answer in time';
  return errorText('cause' in error && error.cause !== undefined ? error.cause : error);
}

function parseJson(text: string, response: Response): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError(
      `${response.url} answered with something that is not JSON: is it the HTTP API of the HSS?`,
      1,
      { cause: error },
    );
  }
}

function readProblem(text: string): Problem {
  try {
    const parsed: unknown = JSON.parse(text);
    if (isProblem(parsed)) return parsed;
  } catch (error) {
    // Not JSON: some proxy's page. Its first line says more than nothing.
    return { title: text.split('\n', 1)[0]?.slice(0, 200) || String(error) };
  }
  return {};
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== 'object' || value === null) return false;
  const isText = (name: string) => !(name in value) || typeof Reflect.get(value, name) === 'string';
  const isList = (name: string) => !(name in value) || Array.isArray(Reflect.get(value, name));
  return isText('title') && isText('detail') && isList('errors') && isList('warnings');
}

/** One warning as a line. */
export const warningText = ({ pointer, detail }: Warning): string =>
  `warning: ${pointer || '(the whole document)'}: ${detail}`;

/** Detail, title and every fault on a line of its own. */
export function problemText(status: number, problem: Problem): string {
  const lines = [
    `${problem.detail ?? problem.title ?? 'refused'} (HTTP ${status}${problem.detail === undefined || problem.title === undefined ? '' : ` ${problem.title}`})`,
  ];
  for (const fault of problem.errors ?? [])
    lines.push(
      `  ${fault.parameter ?? fault.header ?? (fault.pointer || '(the whole document)')}: ${fault.detail ?? ''}`,
    );
  for (const warning of problem.warnings ?? []) lines.push(`  ${warningText(warning)}`);
  if (status === 401) lines.push('Give the token with --token or HSS_TOKEN.');
  return lines.join('\n');
}

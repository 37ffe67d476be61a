/**
 * Which servers a database URL names, in the form of libpq (PostgreSQL documentation, "Connection URIs"):
 * several hosts with commas, each with its own port, and `target_session_attrs`. `pg` knows one host, so each
 * server gets a URL of its own. Texts of errors hold nothing of the URL: it has a password in it, and where
 * it is malformed nobody knows which part that is.
 */
import { limits } from './limits';

export interface DatabaseServer {
  /** host:port or the folder of its socket, for logs and errors. */
  readonly name: string;
  /** What `pg` connects with; holds the password. */
  readonly url: string;
}

/** Says what is wrong and what is allowed, without the URL. */
export class DatabaseUrlError extends Error {
  override readonly name = 'DatabaseUrlError';

  constructor(
    readonly found: string,
    readonly allowed: string,
  ) {
    super(`${found}; allowed: ${allowed}`);
  }
}

export const databaseUrlForm =
  'postgresql://user:password@host:port,host:port/database?target_session_attrs=read-write';

const URL_PARTS = /^(postgres(?:ql)?:\/\/)([^/?#\s]*)((?:\/[^?#\s]*)?)(?:\?([^#\s]*))?$/;
const DEFAULT_PORT = 5432;
const MAX_PORT = 65_535;
/** A name, an address, an IPv6 address in brackets, or a percent-encoded socket folder. */
const HOST = /^(?:\[[0-9a-f:.]+(?:%25[\w.-]+)?\]|%2f[\w.%~-]*|[\w.-]+)$/i;
/**
 * What the HSS can work with: it writes. Both are checked in the same way, a server in recovery being
 * read-only.
 */
const SESSION_ATTRIBUTES = ['read-write', 'primary'];

interface Place {
  readonly host: string;
  readonly port: number;
}

/** In the order in which they are tried. @throws DatabaseUrlError */
export function parseDatabaseUrl(url: string): readonly DatabaseServer[] {
  const [, scheme, authority, path, query] = URL_PARTS.exec(url) ?? [];
  if (scheme === undefined || authority === undefined || path === undefined)
    throw new DatabaseUrlError('something that is no database URL', databaseUrlForm);
  const parameters = splitQuery(query);
  checkParameters(parameters);
  const at = authority.lastIndexOf('@');
  const user = authority.slice(0, at + 1);
  const named = authority.slice(at + 1);
  const kept = parameters.filter(([name]) => name !== 'target_session_attrs');
  const hosts = listOf(parameters, 'host');
  const ports = listOf(parameters, 'port');
  if (hosts === null && ports !== null && (ports.length > 1 || named.includes(',')))
    throw new DatabaseUrlError(
      'a list of ports without a list of hosts',
      'host=a,b&port=1,2, or host:port for each',
    );
  if (!named.includes(',') && (hosts?.length ?? 1) === 1) return [only(scheme, authority, named, path, kept)];
  if (hosts !== null && named !== '')
    throw new DatabaseUrlError('hosts before the database and hosts in the parameter host', 'one of both');
  const places = hosts === null ? named.split(',').map(authorityPlace) : parameterPlaces(hosts, ports);
  if (places.length > limits.databaseServersCount)
    throw new DatabaseUrlError(`${places.length} servers`, `at most ${limits.databaseServersCount}`);
  const names = places.map(nameOf);
  const again = names.findIndex((name, i) => names.indexOf(name) !== i);
  if (again >= 0) throw new DatabaseUrlError(`server ${again + 1} a second time`, 'each server once');
  const rest = kept.filter(([name]) => name !== 'host' && name !== 'port');
  return places.map((place, i) => ({
    name: names[i] ?? '',
    url: `${scheme}${user}${path === '' ? '/' : path}?${[...rest, ['host', encodeURIComponent(place.host)], ['port', String(place.port)]].map(([name, value]) => `${name}=${value}`).join('&')}`,
  }));
}

type QueryParameter = readonly [name: string, value: string];

function splitQuery(query: string | undefined): QueryParameter[] {
  return (query ?? '')
    .split('&')
    .filter((part) => part !== '')
    .map((part): QueryParameter => {
      const equals = part.indexOf('=');
      return equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
    });
}

function checkParameters(parameters: readonly QueryParameter[]): void {
  for (const name of ['host', 'port', 'target_session_attrs']) {
    if (parameters.filter(([other]) => other === name).length > 1)
      throw new DatabaseUrlError(`the parameter ${name} more than once`, 'once');
  }
  for (const [name, value] of parameters) {
    if (name === 'target_session_attrs' && !SESSION_ATTRIBUTES.includes(value)) {
      throw new DatabaseUrlError(
        'another target_session_attrs',
        `${SESSION_ATTRIBUTES.join(' or ')}, or none, which is the same: the HSS writes, and what it reads must be what is committed`,
      );
    }
    if (name === 'hostaddr') throw new DatabaseUrlError('the parameter hostaddr', 'addresses as hosts');
    if (name === 'load_balance_hosts' && value !== 'disable')
      throw new DatabaseUrlError(
        'load_balance_hosts',
        'none: there is one primary, and servers are tried in order',
      );
  }
}

function listOf(parameters: readonly QueryParameter[], name: string): string[] | null {
  const value = parameters.find(([other]) => other === name)?.[1];
  return value === undefined ? null : decoded(value).split(',');
}

/** One server: `pg` gets the URL as it is, but for the parameter that it does not know. */
function only(
  scheme: string,
  authority: string,
  named: string,
  path: string,
  kept: readonly QueryParameter[],
): DatabaseServer {
  const parameter = listOf(kept, 'host')?.[0] ?? '';
  const port = listOf(kept, 'port')?.[0];
  const own = named === '' ? { host: 'localhost', port: DEFAULT_PORT } : authorityPlace(named, 0);
  const place = {
    host: parameter === '' ? own.host : parameter,
    port: port === undefined ? own.port : portOf(port, 1),
  };
  return { name: nameOf(place), url: joined(scheme, authority, path, kept) };
}

const joined = (
  scheme: string,
  authority: string,
  path: string,
  parameters: readonly QueryParameter[],
): string =>
  `${scheme}${authority}${path}${parameters.length === 0 ? '' : `?${parameters.map(([name, value]) => `${name}=${value}`).join('&')}`}`;

function authorityPlace(text: string, i: number): Place {
  const [, host, port] = /^(.*?)(?::([^:\]]*))?$/.exec(text) ?? [];
  if (host === undefined || !HOST.test(host))
    throw new DatabaseUrlError(
      `server ${i + 1} without a host that can be read`,
      `a name, an address, an IPv6 address in brackets: ${databaseUrlForm}`,
    );
  const plain = decoded(host);
  return {
    host: plain.startsWith('[') ? plain.slice(1, -1) : plain,
    port: port === undefined ? DEFAULT_PORT : portOf(port, i + 1),
  };
}

function parameterPlaces(hosts: readonly string[], ports: readonly string[] | null): Place[] {
  if (ports !== null && ports.length !== 1 && ports.length !== hosts.length)
    throw new DatabaseUrlError(
      `${hosts.length} hosts and ${ports.length} ports`,
      'one port for all, or one for each',
    );
  return hosts.map((host, i) => {
    if (host === '' || /\s/.test(host))
      throw new DatabaseUrlError(
        `server ${i + 1} without a host that can be read`,
        'a name, an address or a socket folder',
      );
    const port = ports === null ? String(DEFAULT_PORT) : (ports[ports.length === 1 ? 0 : i] ?? '');
    return { host, port: portOf(port, i + 1) };
  });
}

function portOf(text: string, server: number): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > MAX_PORT)
    throw new DatabaseUrlError(`server ${server} with something that is no port`, `1 to ${MAX_PORT}`);
  return port;
}

const nameOf = ({ host, port }: Place): string =>
  host.startsWith('/') ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new DatabaseUrlError(
      'a percent sign that encodes nothing',
      'two hexadecimal digits after it, %25 for itself',
    );
  }
}

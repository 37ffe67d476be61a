/**
 * docker/compose.yml as the tests need it: variables put in as compose does, and typed no further than they
 * look.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

export const root = path.join(__dirname, '..', '..');
export const composeFile = path.join(root, 'docker', 'compose.yml');

export interface ComposeService {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly command?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly stop_grace_period?: string;
  readonly read_only?: boolean;
}

export interface ComposeFile {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

export const labVariables = { HSS_API_TOKEN: 'token-of-the-docker-test', HSS_SECRET_KEY: '5a'.repeat(32) };

/** ${NAME}, ${NAME:-default} and ${NAME:?message}. @throws Error where a variable is missing */
export function interpolated(source: string, variables: Readonly<Record<string, string>>): string {
  return source
    .split('\n')
    .map((line) =>
      /^\s*#/.test(line)
        ? line
        : line.replace(
            /\$(?:\$|\{(\w+)(?::([-?])([^}]*))?\})/g,
            (whole, name: string | undefined, kind: string | undefined, text: string | undefined) => {
              if (name === undefined) return '$';
              const value = variables[name];
              if (value !== undefined && value !== '') return value;
              if (kind === '-') return text ?? '';
              throw new Error(`${whole}: ${text ?? 'not set'}`);
            },
          ),
    )
    .join('\n');
}

export const composeSource = readFileSync(composeFile, 'utf8');

export function readCompose(variables: Readonly<Record<string, string>> = labVariables): ComposeFile {
  return parse(interpolated(composeSource, variables)) as ComposeFile;
}

export function serviceOf(file: ComposeFile, name: string): ComposeService {
  const service = file.services[name];
  if (service === undefined) throw new Error(`no service ${name}`);
  return service;
}

/** Published as [address, port on the host, port in the container, protocol]. */
export function publishedPorts(service: ComposeService): {
  readonly address: string;
  readonly host: number;
  readonly container: number;
  readonly protocol: string;
}[] {
  return (service.ports ?? []).map((text) => {
    const [, address = '', host = '', container = '', protocol = ''] =
      /^(.+):(\d+):(\d+)\/(tcp|sctp)$/.exec(text) ?? [];
    if (address === '') throw new Error(`not address:port:port/protocol: ${text}`);
    return { address, host: Number(host), container: Number(container), protocol };
  });
}

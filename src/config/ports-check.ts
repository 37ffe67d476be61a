/** Listeners of one process that want the same port. Pure. */
import { portKind, transportPreference, type PortKind } from '../shared/transport-names';
import type { CrossFault as Fault } from './config-error';
import type { ParsedConfig } from './schema';

interface Listener {
  readonly at: readonly (string | number)[];
  readonly path: string;
  readonly address: string;
  readonly port: number;
  readonly kinds: readonly PortKind[];
}

const tcpOnly: readonly PortKind[] = ['tcp'];

/** A fault for each listener whose port another one has already. */
export function checkPorts(config: ParsedConfig): Fault[] {
  const listeners: Listener[] = [
    ...config.diameter.listen.flatMap((entry, index) =>
      entry.addresses.map((address) => ({
        at: ['diameter', 'listen', index, 'port'],
        path: `diameter.listen[${index}].port`,
        address,
        port: entry.port,
        kinds: transportPreference(entry.transport).map(portKind),
      })),
    ),
    ...config.http.addresses.map((address) => ({
      at: ['http', 'port'],
      path: 'http.port',
      address,
      port: config.http.port,
      kinds: tcpOnly,
    })),
    ...config.metrics.addresses.map((address) => ({
      at: ['metrics', 'port'],
      path: 'metrics.port',
      address,
      port: config.metrics.port,
      kinds: tcpOnly,
    })),
  ];
  const faults: Fault[] = [];
  listeners.forEach((listener, index) => {
    const clash = listeners
      .slice(0, index)
      .find(
        (other) =>
          other.port !== 0 &&
          other.port === listener.port &&
          other.kinds.some((kind) => listener.kinds.includes(kind)) &&
          overlaps(other.address, listener.address),
      );
    if (clash === undefined) return;
    faults.push({
      at: listener.at,
      path: listener.path,
      found: `${listener.port} on ${listener.address}`,
      allowed: `a port that is free there: ${clash.path} listens on ${clash.address} with the same one`,
    });
  });
  return faults;
}

/** "::" takes the IPv4 port as well, as Node listens. */
function overlaps(left: string, right: string): boolean {
  return (
    left === right ||
    left === '::' ||
    right === '::' ||
    ([left, right].some((address) => address === '0.0.0.0') && !left.includes(':') && !right.includes(':'))
  );
}

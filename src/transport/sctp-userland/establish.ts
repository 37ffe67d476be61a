/** Setting up an association of the userland stack, with a time limit that the stack does not have. */
import { isIPv4 } from 'node:net';
import { closeEndpoint, type Association, type StackEndpoint } from './stack';

/**
 * `remoteAddress` is undefined where packets are carried by something that knows the other side. Ends the
 * endpoint on failure.
 */
export function establish(
  endpoint: StackEndpoint,
  remoteAddress: string | undefined,
  port: number,
  shown: string,
  timeoutMs: number,
): Promise<Association> {
  return new Promise((resolve, reject) => {
    const association = endpoint.ASSOCIATE({ remoteAddress, remotePort: port });
    const done = (reason: string | null): void => {
      clearTimeout(timer);
      association.off('COMMUNICATION UP', onUp).off('COMMUNICATION LOST', onLost);
      if (reason === null) return resolve(association);
      if (association.state !== 'CLOSED') association._destroy();
      closeEndpoint(endpoint);
      reject(new Error(`${shown} port ${port}: ${reason}`));
    };
    const onUp = (): void => done(null);
    const onLost = (): void => done('refused (ABORT)');
    const timer = setTimeout(() => done(`no answer within ${timeoutMs} ms`), timeoutMs);
    association.on('COMMUNICATION UP', onUp).on('COMMUNICATION LOST', onLost);
  });
}

/**
 * Wildcards mean that the system chooses. @throws Error for an address of IPv6, which the stack does not know
 */
export function onlyIpv4(addresses: readonly string[]): readonly string[] {
  const foreign = addresses.find((address) => !isIPv4(address));
  if (foreign !== undefined) throw new Error(`userland SCTP knows IPv4 only, not ${foreign}`);
  return addresses.filter((address) => address !== '0.0.0.0');
}

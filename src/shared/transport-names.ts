/**
 * The ways of carrying Diameter that exist here: SCTP by the kernel, by a stack of our own over raw IP, or
 * that one over UDP (RFC 6951); TCP, and TLS over it. RFC 6733 clauses 2.1 and 13.1.
 */
export const TRANSPORT_NAMES = ['kernel-sctp', 'userland-sctp', 'userland-sctp-udp', 'tcp', 'tls'] as const;
export type TransportName = (typeof TRANSPORT_NAMES)[number];

/** A place to listen at has a port of SCTP and one of TCP, which do not get in each other's way. */
export type PortKind = 'sctp' | 'tcp';

export function portKind(name: TransportName): PortKind {
  return name === 'tcp' || name === 'tls' ? 'tcp' : 'sctp';
}

/**
 * What `auto` stands for: everything that needs no word with the other side first. UDP encapsulation needs
 * its port known on both sides, TLS certificates.
 */
export const AUTOMATIC: readonly TransportName[] = ['kernel-sctp', 'userland-sctp', 'tcp'];

/** A setting as one name, a list of them in order of preference, or `auto`; each way once. */
export function transportPreference(
  setting: TransportName | 'auto' | readonly (TransportName | 'auto')[],
): TransportName[] {
  const given = typeof setting === 'string' ? [setting] : setting;
  return [...new Set(given.flatMap((name) => (name === 'auto' ? AUTOMATIC : [name])))];
}

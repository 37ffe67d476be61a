/**
 * Kernel SCTP behind the transport port: the contract of every transport over IPv4 and IPv6, and what only
 * SCTP has. RFC 6733 2.1.1.
 */
import { KernelSctpTransport } from '../../src/transport/sctp-kernel/transport';
import { transportContract } from '../transport/contract';

describe.each(['127.0.0.1', '::1'])('kernel SCTP over %s', (address) => {
  transportContract({
    make: (stream) => new KernelSctpTransport({ stream }),
    address,
    ordered: false,
    refusal: /ECONNREFUSED/,
  });
});

/** Userland SCTP behind the transport port, over UDP and, where this machine lets us, over raw IP. */
import { rawSctpObstacle } from '../../src/transport/sctp-userland/availability';
import { RawSctpTransport } from '../../src/transport/sctp-userland/raw';
import { UdpSctpTransport } from '../../src/transport/sctp-userland/udp';
import { transportContract, type ContractSettings } from './contract';

const sctp = { retransmissionTimeoutMinMs: 400, retransmissionTimeoutInitialMs: 400 };
let nextPort = 20_000 + (process.pid % 20_000);
const port = (): number => {
  nextPort += 1;
  return nextPort;
};
const common: Omit<ContractSettings, 'make'> = {
  address: '127.0.0.1',
  ordered: false,
  refusal: /no answer within 1500 ms|refused/,
  port,
};

describe('userland SCTP in UDP', () => {
  const udpPort = 45_000 + (process.pid % 10_000);
  transportContract({
    ...common,
    make: (stream) => new UdpSctpTransport({ stream, sctp: { ...sctp, udpPort } }),
  });
});

const obstacle = rawSctpObstacle();
(obstacle === null ? describe : describe.skip)(
  `userland SCTP over raw IP${obstacle === null ? '' : ` (${obstacle.reason})`}`,
  () => {
    transportContract({ ...common, make: (stream) => new RawSctpTransport({ stream, sctp }) });

    test('any free port is none of those that whoever connects from this machine begins with', async () => {
      for (let n = 0; n < 20; n += 1) {
        const listener = await new RawSctpTransport().listen(
          { addresses: ['127.0.0.1'], port: 0 },
          () => undefined,
        );
        expect(listener.local.port).toBeGreaterThanOrEqual(1_024);
        expect(listener.local.port).toBeLessThan(49_152);
        await listener.close();
      }
    });
  },
);

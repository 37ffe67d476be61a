/** Which transports a setting takes on a machine that lacks some of them. */
import { transportPreference, type TransportName } from '../../src/shared/transport-names';
import { passedOverText, selectTransports, type Obstacle } from '../../src/transport/selection';

const machine =
  (...lacks: TransportName[]) =>
  (name: TransportName): Obstacle =>
    lacks.includes(name) ? { reason: 'is not here', mend: 'get it' } : null;
const taken = (setting: Parameters<typeof transportPreference>[0], ...lacks: TransportName[]) =>
  selectTransports(transportPreference(setting), machine(...lacks)).taken;

test.each<[Parameters<typeof transportPreference>[0], TransportName[], TransportName[]]>([
  ['tcp', [], ['tcp']],
  ['auto', [], ['kernel-sctp', 'tcp']],
  ['auto', ['kernel-sctp'], ['userland-sctp', 'tcp']],
  ['auto', ['kernel-sctp', 'userland-sctp'], ['tcp']],
  [['userland-sctp-udp', 'auto'], [], ['userland-sctp-udp', 'tcp']],
  [['kernel-sctp', 'userland-sctp-udp'], ['kernel-sctp'], ['userland-sctp-udp']],
  [['tls', 'tcp'], [], ['tls']],
  [['tls', 'tcp'], ['tls'], ['tcp']],
  [['tcp', 'kernel-sctp', 'tls', 'tcp'], [], ['tcp', 'kernel-sctp']],
  ['kernel-sctp', ['kernel-sctp'], []],
])('%j without %j takes %j', (setting, lacks, expected) => {
  expect(taken(setting, ...lacks)).toEqual(expected);
});

test('what is passed over says why, and what mends it', () => {
  const { passedOver } = selectTransports(transportPreference('auto'), machine('kernel-sctp'));
  expect(passedOver.map(passedOverText)).toEqual(['kernel-sctp: is not here (get it)']);
  expect(selectTransports(transportPreference('auto'), machine()).passedOver.map(passedOverText)).toEqual([
    'userland-sctp: kernel-sctp has the port already',
  ]);
});

/** Whose DRMP, Session-Priority and emergency flag are believed [29.228-J.2.3]. */
import { TrustedPeers } from '../../../src/diameter/overload/trust';
import { OverloadControl } from '../../../src/diameter/overload/overload-control';
import { silentEvents } from '../../../src/events/event-spine';
import { silentLogger } from '../../../src/shared/logger';
import { systemClock } from '../../../src/shared/clock';
import { dictionary } from '../../support/cx-messages';

const trust = {
  peers: [
    { identity: 'Scscf1.ims.example', trustPriority: true },
    { identity: 'dra.other.example', trustPriority: false },
  ],
  trustUnknownPeers: false,
};

test('configured peers are believed unless it is said otherwise, others only where that is said', () => {
  const peers = new TrustedPeers(trust);
  expect(peers.has('scscf1.IMS.example')).toBe(true);
  expect(peers.has('scscf1.ims.example.')).toBe(true);
  expect(peers.has('dra.other.example')).toBe(false);
  expect(peers.has('anybody.example')).toBe(false);
  // A changed configuration counts at once.
  peers.set({ peers: [], trustUnknownPeers: true });
  expect(peers.has('anybody.example')).toBe(true);
  expect(peers.has('dra.other.example')).toBe(true);
});

test('who is not believed is never put before requests that say nothing, but may be put after them', () => {
  const control = new OverloadControl(
    {
      queue: { maxInFlightCount: 1, maxQueuedCount: 1, maxQueueMs: 100 },
      signals: { queueMs: 1, eventLoopDelayMs: 1, roundTripMs: 1 },
      reports: { overload: 'host', validitySeconds: 1, maxReductionPercent: 90, load: true },
      trust,
    },
    {
      originHost: 'hss.ims.example',
      dictionary,
      clock: systemClock,
      logger: silentLogger,
      events: silentEvents,
      signals: { read: () => ({ eventLoopDelayMs: 0, utilization: 0, roundTripMs: 0 }) },
    },
  );
  for (const urgent of [0, 4, 9]) {
    expect(control.believed(urgent, 'scscf1.ims.example')).toBe(urgent);
    for (const peer of ['dra.other.example', 'anybody.example'])
      expect(control.believed(urgent, peer)).toBe(10);
  }
  expect(control.believed(15, 'anybody.example')).toBe(15);
  expect(control.believed(10, 'scscf1.ims.example')).toBe(10);
});

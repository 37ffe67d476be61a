/** The spine: each listener hears what it has a method for, as long as it is subscribed, whatever others do. */
import { LocatorMetrics } from '../../src/apps/dx/metrics';
import { EventSpine, silentEvents } from '../../src/events/event-spine';
import type { HssEvents } from '../../src/events/hss-events';
import { createMetrics } from '../../src/metrics/metrics';
import { RecordingLogger } from '../diameter/peer/support';

/** Each event once, with arguments that differ. */
const each: { readonly [Name in keyof HssEvents]: Parameters<HssEvents[Name]> } = {
  requestAnswered: ['UAR', 'DIAMETER_SUCCESS', 'icscf.example', 1, 2, 3],
  duplicateAnswered: ['MAR', 'scscf.example'],
  decisionRetried: ['SAR'],
  decisionNotable: ['restoration'],
  requestUnauthorised: ['originHost'],
  peerStateChanged: ['scscf.example', 'Closed', 'R-Open'],
  watchdogStateChanged: ['scscf.example', 'INITIAL', 'OKAY'],
  messageTransferred: ['scscf.example', 'in', 'LIR', 200],
  messageTooLong: ['scscf.example', 'SAA', 70_000],
  messageUndecodable: ['scscf.example', 'framing'],
  connectionRefused: ['192.0.2.1:5', 'limit'],
  requestWaited: [10, 20],
  requestShed: ['queueFull', 15],
  overloadReported: ['scscf.example'],
  storeRoundTrip: ['load', 12, 1.5],
  storeConnectionsChanged: ['commit', 3, 4],
  storeUnavailable: ['commit', 5],
  subscriptionsRead: [8, 4],
  outgoingSent: ['cx.RTR'],
  outgoingPostponed: ['cx.PPR'],
  outgoingFinished: ['cx.PPR', 'refused'],
  locatorSearched: ['range'],
  locatorForwarded: ['failedOver'],
  apiAccessRefused: ['host'],
};
const names = Object.keys(each) as (keyof HssEvents)[];

function emit<Name extends keyof HssEvents>(events: HssEvents, name: Name): void {
  (events[name] as (...args: unknown[]) => void)(...each[name]);
}

/** Writes down every event as it comes. */
function recorder(lines: unknown[]): HssEvents {
  return Object.fromEntries(
    names.map((name) => [name, (...args: unknown[]) => lines.push([name, ...args])]),
  ) as unknown as HssEvents;
}

const all = names.map((name) => [name, ...each[name]]);

test('every event reaches every listener with all its arguments', () => {
  const spine = new EventSpine();
  const [first, second]: unknown[][] = [[], []];
  spine.subscribe(recorder(first ?? []));
  for (const name of names) emit(spine, name);
  expect(first).toEqual(all);
  spine.subscribe(recorder(second ?? []));
  for (const name of names) emit(spine, name);
  expect(first).toEqual([...all, ...all]);
  expect(second).toEqual(all);
});

test('an event that nobody listens to does nothing', () => {
  for (const name of names) emit(silentEvents, name);
  const spine = new EventSpine();
  spine.subscribe({});
  for (const name of names) emit(spine, name);
  expect(spine.faults.count).toBe(0);
});

test('a listener hears nothing after it has unsubscribed, and the others go on', () => {
  const spine = new EventSpine();
  const lines: string[] = [];
  const listener = (name: string): Partial<HssEvents> => ({
    decisionRetried: (command) => lines.push(`${name} ${command}`),
  });
  const twice = listener('twice');
  const leave = spine.subscribe(twice);
  spine.subscribe(listener('stays'));
  spine.subscribe(twice);
  spine.decisionRetried('MAR');
  leave();
  leave();
  spine.decisionRetried('SAR');
  expect(lines).toEqual(['twice MAR', 'stays MAR', 'twice MAR', 'stays SAR', 'twice SAR']);
});

test('a listener may unsubscribe and subscribe another one while it is called', () => {
  const spine = new EventSpine();
  const lines: string[] = [];
  const leave = spine.subscribe({
    decisionRetried: (command) => {
      lines.push(`once ${command}`);
      leave();
      spine.subscribe({ decisionRetried: (next) => lines.push(`then ${next}`) });
    },
  });
  spine.subscribe({ decisionRetried: (command) => lines.push(`other ${command}`) });
  spine.decisionRetried('MAR');
  spine.decisionRetried('SAR');
  expect(lines).toEqual(['once MAR', 'other MAR', 'other SAR', 'then SAR']);
});

test('a listener that throws disturbs neither the others nor the emitter: counted, and logged once for each event', () => {
  const logger = new RecordingLogger();
  const spine = new EventSpine(logger);
  const lines: unknown[] = [];
  spine.subscribe(
    Object.fromEntries(
      names.map((name) => [
        name,
        () => {
          throw new TypeError('a bug in a listener');
        },
      ]),
    ),
  );
  spine.subscribe(recorder(lines));
  for (let round = 0; round < 3; round += 1) for (const name of names) emit(spine, name);
  expect(lines).toEqual([...all, ...all, ...all]);
  expect(spine.faults.count).toBe(3 * names.length);
  expect(logger.lines).toEqual(
    names.map((name) => `A listener of ${name} failed; its further faults with this event are only counted`),
  );
});

test('the metrics hear every event', () => {
  const metrics = createMetrics(
    { peers: () => [] },
    { maxPeerLabels: 8, applications: [new LocatorMetrics()] },
  );
  const spine = new EventSpine();
  for (const listener of metrics.listeners) spine.subscribe(listener);
  for (const name of names) emit(spine, name);
  expect(spine.faults.count).toBe(0);
  const heard = new Set(
    metrics.listeners.flatMap((listener) => names.filter((name) => listener[name] !== undefined)),
  );
  expect([...heard].sort()).toEqual([...names].sort());
});

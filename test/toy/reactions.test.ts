/** The reactions of the toy as functions, and what a reaction may need. */
import { registration } from '../../src/apps/cx/state/registration';
import { Reactions } from '../../src/state/reactions';
import { subscriptionRows } from '../../src/state/subscription-rows';
import { notifyWatcher, releaseUser } from './reactions';
import { TOY_WATCHER } from './watch';

const initial = registration.initial;
const changes = [{ module: registration, value: initial }];
const snapshot = (watchers: number) => ({ watchers, states: { registration: initial } }) as never;

test('nothing is asked and nothing needed where nobody watches, or somebody else does', () => {
  const reactions = new Reactions([notifyWatcher, releaseUser]);
  const nothing = { kind: 'entries', entries: [] };
  expect(reactions.of(snapshot(0), changes)).toEqual(nothing);
  expect(reactions.of(snapshot(1), changes)).toEqual(nothing);
  expect(reactions.of(snapshot(TOY_WATCHER), changes)).toEqual({
    kind: 'needs',
    modules: notifyWatcher.needs,
  });
});

test('a reaction cannot need what an instance may hold although another one has changed it', () => {
  const loose = subscriptionRows({
    name: 'loose',
    table: 'loose',
    columns: [],
    parse: () => null,
    format: () => [],
  });
  expect(() => new Reactions([{ ...notifyWatcher, needs: [loose] }])).toThrow('does not vouch for');
});

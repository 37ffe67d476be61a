/** A test of the lab: nothing that Erlang could not decode, nothing sent that it did not look at. */
import type { Hss } from '../../ims/support/hss';
import { waitFor } from '../../ims/support/processes';
import type { ErlangNodes } from './erlang-nodes';
import type { Lab } from './lab';

export interface Parts {
  readonly lab: Lab;
  readonly hss: Hss;
  readonly nodes: ErlangNodes;
}

export type Scenario = (name: string, run: (parts: Parts) => Promise<void>) => void;

/** Registers jest tests; a failure brings the ends of all logs with it. */
export function scenariosOf(parts: () => Parts): Scenario {
  return (name, run) =>
    test(name, async () => {
      const { lab, nodes } = parts();
      try {
        await run(parts());
        expect(nodes.notLookedAt).toEqual([]);
        expect(nodes.faults).toEqual([]);
      } catch (error) {
        if (error instanceof Error) error.message += `\n\n${lab.tails()}`;
        throw error;
      }
    });
}

/** Every request of the HSS has its answer, and is not repeated. */
export const allAnswered = (hss: Hss): Promise<void> =>
  waitFor('an empty outbox', 10_000, async () => /^hss_push_open 0$/m.test(await hss.metrics()));

/** A test whose failure brings the ends of all logs with it. */
import type { Lab } from './lab';

export type Scenario = (name: string, run: () => Promise<void>, timeout_ms?: number) => void;

/** Registers jest tests; phones of a scenario are closed with it. */
export function scenariosOf(lab: () => Lab): Scenario {
  return (name, run, timeout_ms) => {
    test(
      name,
      async () => {
        if (!lab().started) throw new Error('the lab did not start: see the first failure');
        try {
          await run();
        } catch (error) {
          if (error instanceof Error)
            error.message += `\n\n${lab().tails(25)}\nWhole logs: ${lab().resultsFolder}`;
          throw error;
        } finally {
          lab().closePhones();
        }
      },
      timeout_ms,
    );
  };
}

/**
 * Mistakes in the configuration: every one names its path, what was found and what is allowed, and all come
 * at once.
 */

export interface ConfigFault {
  /** E.g. `diameter.listen[0].port`. */
  readonly path: string;
  readonly found: string;
  readonly allowed: string;
  /** Where it was said: `hss.yaml, line 4, column 9` or an environment variable. */
  readonly source?: string;
  /** What was probably meant. */
  readonly hint?: string;
}

/** The configuration cannot be used; the process ends with status 78 (EX_CONFIG). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly exitStatus = 78;

  constructor(
    readonly faults: readonly ConfigFault[],
    readonly file: string | null,
  ) {
    super(faultsText(faults, file));
  }
}

function faultsText(faults: readonly ConfigFault[], file: string | null): string {
  const heading = `The configuration${file === null ? '' : ` (${file})`} has ${faults.length === 1 ? 'a mistake' : `${faults.length} mistakes`}:`;
  return [heading, ...faults.map(faultText)].join('\n');
}

function faultText(fault: ConfigFault): string {
  return [
    `  ${fault.path}${fault.source === undefined ? '' : ` (${fault.source})`}`,
    `    found:   ${fault.found}`,
    `    allowed: ${fault.allowed}`,
    ...(fault.hint === undefined ? [] : [`    hint:    ${fault.hint}`]),
  ].join('\n');
}

/** A mistake that only shows in combination; `at` is the path whose line is named. */
export type CrossFault = Omit<ConfigFault, 'source'> & { readonly at: readonly (string | number)[] };

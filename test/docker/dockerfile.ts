/**
 * Reads a Dockerfile into stages and instructions: continuation lines, comments, flags, the exec and the
 * shell form, and ARGs before the first FROM. Deviates: no parser directives, no here-documents, no ONBUILD;
 * what it does not know it refuses.
 */
export interface Instruction {
  readonly keyword: string;
  /** --name=value before the arguments. */
  readonly flags: Readonly<Record<string, string>>;
  /** Everything behind the flags. */
  readonly text: string;
  /** The exec form's words; null in shell form. */
  readonly exec: readonly string[] | null;
  /** Counted from 1. */
  readonly line: number;
}

export interface Stage {
  readonly image: string;
  /** AS name, else its number. */
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

const KEYWORDS = new Set([
  'ARG',
  'CMD',
  'COPY',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'FROM',
  'HEALTHCHECK',
  'LABEL',
  'RUN',
  'USER',
  'WORKDIR',
]);

/** @throws Error that names the line */
export function readDockerfile(source: string): readonly Stage[] {
  const defaults = new Map<string, string>();
  const stages: { image: string; name: string; instructions: Instruction[] }[] = [];
  for (const instruction of instructions(source)) {
    const current = stages.at(-1);
    if (instruction.keyword === 'FROM') {
      const [image = '', as, name] = words(instruction.text);
      stages.push({
        image: substituted(image, defaults, instruction.line),
        name: as?.toUpperCase() === 'AS' && name !== undefined ? name : String(stages.length),
        instructions: [],
      });
    } else if (current !== undefined) {
      current.instructions.push(instruction);
    } else if (instruction.keyword === 'ARG') {
      const [name = '', value = ''] = splitOnce(instruction.text, '=');
      defaults.set(name, value);
    } else {
      throw new Error(`line ${instruction.line}: ${instruction.keyword} before the first FROM`);
    }
  }
  return stages;
}

function instructions(source: string): Instruction[] {
  const found: Instruction[] = [];
  let text = '';
  let start = 0;
  source.split('\n').forEach((raw, index) => {
    // Comments may stand between the lines of one instruction.
    if (/^\s*(#|$)/.test(raw)) return;
    if (text === '') start = index + 1;
    text += raw.replace(/\\\s*$/, '');
    if (/\\\s*$/.test(raw)) return;
    found.push(instructionOf(text, start));
    text = '';
  });
  if (text !== '') throw new Error(`line ${start}: ends in the middle of an instruction`);
  return found;
}

function instructionOf(text: string, line: number): Instruction {
  const [, keyword = '', rest = ''] = /^\s*(\S+)\s*([^]*)$/.exec(text) ?? [];
  const name = keyword.toUpperCase();
  if (!KEYWORDS.has(name)) throw new Error(`line ${line}: ${keyword} is not known here`);
  const flags: Record<string, string> = {};
  let remaining = rest.trim();
  for (
    let match = /^--([\w-]+)=(\S+)\s+/.exec(remaining);
    match !== null;
    match = /^--([\w-]+)=(\S+)\s+/.exec(remaining)
  ) {
    flags[match[1] ?? ''] = match[2] ?? '';
    remaining = remaining.slice(match[0].length);
  }
  return {
    keyword: name,
    flags,
    text: remaining,
    exec: execForm(name === 'HEALTHCHECK' ? remaining.replace(/^CMD\s+/, '') : remaining),
    line,
  };
}

function execForm(text: string): string[] | null {
  if (!text.startsWith('[')) return null;
  const parsed: unknown = JSON.parse(text);
  if (!Array.isArray(parsed) || !parsed.every((word) => typeof word === 'string'))
    throw new Error(`not a list of strings: ${text}`);
  return parsed;
}

/** Words, with double quotes taken off: what COPY, ENV, LABEL and USER need. */
export function words(text: string): string[] {
  return (text.match(/(?:"[^"]*"|[^\s"])+/g) ?? []).map((word) => word.replaceAll('"', ''));
}

export function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

function substituted(text: string, values: ReadonlyMap<string, string>, line: number): string {
  return text.replace(/\$\{(\w+)\}|\$(\w+)/g, (_, braced: string | undefined, bare: string | undefined) => {
    const value = values.get(braced ?? bare ?? '');
    if (value === undefined || value === '') throw new Error(`line ${line}: no default for ${text}`);
    return value;
  });
}

/**
 * Reads the Prometheus text format strictly and checks what `promtool check metrics` and the naming
 * conventions ask for.
 */

export interface ExposedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ExposedFamily {
  readonly name: string;
  help: string | undefined;
  type: string | undefined;
  readonly samples: ExposedSample[];
}

const samplePattern = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const labelPattern = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/** Throws where a line is not of the format. */
export function parseExposition(text: string): ExposedFamily[] {
  const families = new Map<string, ExposedFamily>();
  const family = (name: string): ExposedFamily => {
    const found = families.get(name) ?? { name, help: undefined, type: undefined, samples: [] };
    families.set(name, found);
    return found;
  };
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
    if (comment !== null) {
      const target = family(comment[2] ?? '');
      if (comment[1] === 'HELP') target.help = comment[3];
      else target.type = comment[3];
      continue;
    }
    const sample = parseSample(line);
    family(familyOf(sample.name, families)).samples.push(sample);
  }
  return [...families.values()];
}

function parseSample(line: string): ExposedSample {
  const match = samplePattern.exec(line);
  if (match === null) throw new Error(`not a sample: ${line}`);
  const labels: Record<string, string> = {};
  const text = match[2] ?? '';
  labelPattern.lastIndex = 0;
  while (labelPattern.lastIndex < text.length) {
    const label = labelPattern.exec(text);
    if (label === null) throw new Error(`labels cannot be read: ${line}`);
    labels[label[1] ?? ''] = label[2] ?? '';
  }
  const value =
    match[3] === 'Nan' || match[3] === 'NaN' ? NaN : match[3] === '+Inf' ? Infinity : Number(match[3]);
  return { name: match[1] ?? '', labels, value };
}

function familyOf(sample: string, families: ReadonlyMap<string, ExposedFamily>): string {
  const base = sample.replace(/_(bucket|sum|count)$/, '');
  const type = families.get(base)?.type;
  return type === 'histogram' || type === 'summary' ? base : sample;
}

const foreignUnits =
  /(?:^|_)(milliseconds|microseconds|ms|minutes|hours|days|kilobytes|kib|mb|octets|percent|bits)(?:_|$)/;

/** Every breach as `metric: what`. */
export function lint(text: string): string[] {
  return parseExposition(text).flatMap((family) =>
    problemsOf(family).map((problem) => `${family.name}: ${problem}`),
  );
}

function problemsOf({ name, help, type, samples }: ExposedFamily): string[] {
  const problems: string[] = [];
  if (help === undefined || help === '') problems.push('no help text');
  if (type === undefined) problems.push('no type');
  if (!/^(hss|process|nodejs)_[a-z0-9_]+$/.test(name)) problems.push('no known prefix, or not snake_case');
  if (type === 'counter' && !name.endsWith('_total')) problems.push('a counter should end in _total');
  if (type !== 'counter' && name.endsWith('_total')) problems.push('only counters end in _total');
  if (foreignUnits.test(name)) problems.push('not a base unit');
  if (type !== 'histogram' && /_(bucket|sum|count)$/.test(name)) problems.push('a suffix of histograms');
  const series = new Set<string>();
  for (const sample of samples) {
    for (const label of Object.keys(sample.labels)) {
      if (!/^[a-z][a-z0-9_]*$/.test(label)) problems.push(`label ${label} is not snake_case`);
      if (label === 'le' && type !== 'histogram') problems.push('label le outside a histogram');
    }
    const key = `${sample.name}${JSON.stringify(Object.entries(sample.labels).sort())}`;
    if (series.has(key)) problems.push('the same series twice');
    series.add(key);
    if (type === 'counter' && !(sample.value >= 0)) problems.push('a counter must not be negative');
  }
  if (type === 'histogram') problems.push(...histogramProblems(name, samples));
  return [...new Set(problems)];
}

function histogramProblems(name: string, samples: readonly ExposedSample[]): string[] {
  const problems: string[] = [];
  const bySeries = new Map<string, ExposedSample[]>();
  for (const sample of samples) {
    const key = JSON.stringify(
      Object.entries(sample.labels)
        .filter(([label]) => label !== 'le')
        .sort(),
    );
    bySeries.set(key, [...(bySeries.get(key) ?? []), sample]);
  }
  for (const series of bySeries.values()) {
    const buckets = series.filter((sample) => sample.name === `${name}_bucket`);
    const count = series.find((sample) => sample.name === `${name}_count`)?.value;
    if (series.every((sample) => sample.name !== `${name}_sum`)) problems.push('no sum');
    if (buckets.some((bucket, index) => bucket.value < (buckets[index - 1]?.value ?? 0)))
      problems.push('buckets must not shrink');
    if (buckets.at(-1)?.labels['le'] !== '+Inf') problems.push('no +Inf bucket');
    if (buckets.at(-1)?.value !== count) problems.push('the +Inf bucket is not the count');
  }
  return problems;
}

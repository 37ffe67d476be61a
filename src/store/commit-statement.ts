/**
 * The text of the commit statement: one statement, and so one transaction and one flush of the log, for a batch
 * of units of work. It is made of what the units of the batch change, so a batch that changes head rows only is
 * one UPDATE.
 *
 * Optimistic concurrency control, verified by the statement (Kung and Robinson 1981): each row is changed where
 * it still has the version that the decision was made on. All or nothing of a unit: `ready` holds the units
 * whose rows are as expected in the snapshot of the statement; rows of modules are changed for these, and head
 * rows for those of them whose other rows were. An UPDATE looks at a row again after it waited for another
 * transaction, so a unit is half done only where somebody commits between the snapshot and the update. Then
 * refuse_half_done() fails with serialization_failure, nothing of the batch is changed, and the same batch is
 * tried again on a new snapshot.
 */
import type { HeadModule, ModuleColumn, RowModule } from '../state/module';

/** What the units of a batch change: each shape has one prepared statement. */
export interface CommitShape {
  readonly head: HeadModule;
  readonly changesHeads: boolean;
  readonly changesWatchers: boolean;
  /** Whose rows are changed, in the order in which the store knows them. */
  readonly rowModules: readonly RowModule[];
  /** Units draw sequence numbers. */
  readonly draws: boolean;
  /** Units that draw leave their head rows. */
  readonly leavesHeads: boolean;
  /** Several units draw from one counter. */
  readonly sharesCounters: boolean;
  /** A unit changes more than one row beside its head row, the counter that it draws from included. */
  readonly changesSeveralRows: boolean;
  readonly writesOutbox: boolean;
}

export const commitName = (shape: CommitShape): string =>
  [
    'hss_commit',
    ...(shape.changesHeads ? ['head'] : []),
    ...(shape.changesWatchers ? ['watchers'] : []),
    ...shape.rowModules.map(({ name }) => name),
    ...(shape.draws ? ['draws'] : []),
    ...(shape.leavesHeads ? ['alone'] : []),
    ...(shape.sharesCounters ? ['shared'] : []),
    ...(shape.changesSeveralRows ? ['several'] : []),
    ...(shape.writesOutbox ? ['outbox'] : []),
  ].join('_');

export const sqlTypes: Readonly<Record<ModuleColumn['type'], string>> = {
  bigints: 'bigint',
  smallints: 'smallint',
  booleans: 'boolean',
  texts: 'text',
  jsons: 'json',
  uuids: 'uuid',
};

/** Units of the batch differ in whether they change their head rows, or the count of their changes needs it. */
export const namesChangedHeads = ({ rowModules, leavesHeads, changesHeads }: CommitShape): boolean =>
  rowModules.length > 0 || (leavesHeads && changesHeads);

/** Numbers parameters in the order in which they are taken: the same as commitParameters (commit.ts) gives. */
class Parameters {
  #next = 1;

  /** E.g. "$3::text[], $4::json[]". */
  take(types: readonly string[]): string {
    return types.map((type) => `$${this.#next++}::${type}[]`).join(', ');
  }
}

const namesOf = (columns: readonly ModuleColumn[]): string[] => columns.map(({ name }) => name);
const typesOf = (columns: readonly ModuleColumn[]): string[] => columns.map(({ type }) => sqlTypes[type]);
const assignments = (columns: readonly ModuleColumn[]): string =>
  columns.map(({ name }) => `${name} = i.${name}`).join(', ');

const sharedIsPresent = '(i.shared is null or i.shared = (select v.version from shared_state v))';

/** Takes the units from `input`; a change of the document raises the version too, so it vouches for all. */
const headUpdate = ({ head, changesWatchers }: CommitShape, input: string, condition: string): string => `
    update subscription_state r set version = r.version + 1, ${assignments(head.columns)}${
      changesWatchers ? ', watchers = coalesce(i.watchers, r.watchers)' : ''
    }
    from ${input}
    where r.subscription_key = i.key and r.version = i.version and ${sharedIsPresent}${condition}`;

const outboxTypes = ['bigint', 'text', 'text', 'text', 'jsonb'];
const outboxInsert = (parameters: string): string => `,
  written as (
    insert into outbox (subscription_key, subscription_id, kind, destination_host, destination_realm, payload, registration_version)
    select o.key, (select s.id from ims_subscription s where s.subscription_key = o.key), o.kind, o.host, o.realm, o.payload, d.version
    from unnest(${parameters}) with ordinality as o (key, kind, host, realm, payload, n)
    join done d on d.key = o.key
    order by o.n
  )`;

/**
 * Returns the numbers of the units that are committed, from 1, and with draws the last SQN that the counter of
 * each of them has given, else null.
 */
export function commitText(shape: CommitShape): string {
  const parameters = new Parameters();
  const { head, rowModules, changesHeads, changesWatchers, draws, writesOutbox } = shape;
  const unitColumns: (readonly [name: string, type: string])[] = [
    ['key', 'bigint'],
    ['version', 'bigint'],
    ['shared', 'bigint'],
  ];
  if (rowModules.length > 0) unitColumns.push(['row_count', 'smallint']);
  if (namesChangedHeads(shape)) unitColumns.push(['changes_head', 'boolean']);
  if (changesHeads)
    unitColumns.push(...head.columns.map(({ name, type }) => [name, sqlTypes[type]] as const));
  if (changesWatchers) unitColumns.push(['watchers', 'integer']);
  if (rowModules.length === 0 && draws) return drawText(shape, unitColumns, parameters);
  const units = `unnest(${parameters.take(unitColumns.map(([, type]) => type))}) with ordinality
      as i (${unitColumns.map(([name]) => name).join(', ')}, n)`;
  if (rowModules.length === 0) {
    const update = headUpdate(shape, units, '');
    if (!writesOutbox) return `${update} returning i.n`;
    return `with done as (${update} returning i.n, i.key, i.version)${outboxInsert(parameters.take(outboxTypes))}
  select n from done`;
  }
  const modules: RowParts[] = rowModules.map((module, m) => moduleParts(module, m, parameters));
  if (draws) modules.push(drawParts(parameters));
  const rowsDone = modules
    .flatMap(({ done }) => done.map((name) => `select n from ${name}`))
    .join(' union all ');
  const mismatches = shape.changesSeveralRows
    ? modules.map(({ mismatch }) => ` and i.n not in (${mismatch})`).join('')
    : '';
  return `with units as materialized (select * from ${units}),${modules.map(({ input }) => input).join('')}
  ready as materialized (
    select i.n from units i join subscription_state r on r.subscription_key = i.key and r.version = i.version
    where ${sharedIsPresent}${mismatches}),${modules.map(({ changes }) => changes).join('')}
  rows_done as materialized (${rowsDone}),${
    changesHeads
      ? `
  heads as (${headUpdate(shape, 'units i', ' and i.changes_head and i.n in (select n from ready) and (i.row_count = 0 or i.n in (select n from rows_done))')}
    returning i.n),`
      : ''
  }
  counted as (select d.n, count(*) as changed from (select n from rows_done${changesHeads ? ' union all select n from heads' : ''}) d group by d.n),
  done as materialized (
    select i.n, i.key, i.version from units i join counted c on c.n = i.n
    where case when c.changed = i.row_count + i.changes_head::integer then true else refuse_half_done() end)${
      writesOutbox ? outboxInsert(parameters.take(outboxTypes)) : ''
    }
  ${draws ? 'select d.n, w.sequence_number from done d left join draws x on x.n = d.n left join drawn w on w.counter_key = x.counter' : 'select n from done'}`;
}

/**
 * What nearly every MAR does: it changes its head row or leaves it, and draws. One pass: the head rows first, then
 * the counters of the units whose head rows had their version. Nobody else's draw is a conflict, so a unit is half
 * done only where its counter is at its end; the statement fails then, too.
 */
function drawText(
  shape: CommitShape,
  unitColumns: readonly (readonly [name: string, type: string])[],
  parameters: Parameters,
): string {
  const { changesHeads, leavesHeads, sharesCounters, writesOutbox } = shape;
  const columns = [...unitColumns, ...drawColumns];
  const units = `unnest(${parameters.take(columns.map(([, type]) => type))}) with ordinality
      as i (${columns.map(([name]) => name).join(', ')}, n)`;
  const drawNames = drawColumns.map(([name]) => `i.${name}`).join(', ');
  const changed = `${headUpdate(shape, units, leavesHeads ? ' and i.changes_head' : '')}
    returning i.n, i.key, i.version, ${drawNames}`;
  const left = `
    select i.n, i.key, i.version, ${drawNames} from ${units} join subscription_state r on r.subscription_key = i.key and r.version = i.version
    where ${sharedIsPresent}${changesHeads ? ' and not i.changes_head' : ''}`;
  const done = [
    ...(changesHeads ? [`heads as (${changed})`] : []),
    ...(leavesHeads
      ? [`done as (${changesHeads ? 'select * from heads union all' : ''}${left})`]
      : ['done as (select * from heads)']),
  ];
  const wanted = sharesCounters
    ? `(select counter, slice, first, size, bits, sum(batches)::integer as batches, sum(wanted) as total, max(at_least) as at_least
      from done where counter is not null group by counter, slice, first, size, bits)`
    : '(select n, counter, slice, first, size, bits, batches, wanted as total, at_least from done where counter is not null)';
  return `with ${done.join(',\n  ')},
  drawn as (
    update sequence_counter c set ${counterAfter}
    from ${wanted} d
    where c.counter_key = d.counter and ${seqOf('c', 'd')} + d.total <= ${maxSeq('d')}
    returning ${sharesCounters ? 'c.counter_key' : 'd.n'}, c.sequence_number)${
      writesOutbox ? outboxInsert(parameters.take(outboxTypes)) : ''
    }
  select n, null from done where counter is null
  union all
  ${
    sharesCounters
      ? 'select o.n, w.sequence_number from done o join drawn w on w.counter_key = o.counter'
      : 'select n, sequence_number from drawn'
  }
  union all
  select n, null from done where case
    when counter is null or (select count(*) from drawn) = (select count(${sharesCounters ? 'distinct ' : ''}counter) from done) then false
    else refuse_half_done() end`;
}

/** What a unit draws; null where it draws nothing. */
const drawColumns: readonly (readonly [name: string, type: string])[] = [
  ['counter', 'uuid'],
  ['slice', 'smallint'],
  ['first', 'integer'],
  ['size', 'integer'],
  ['bits', 'integer'],
  ['wanted', 'smallint'],
  ['batches', 'smallint'],
  ['at_least', 'bigint'],
];

interface RowParts {
  /** The rows as they are to be; `n` is the number of their unit. */
  readonly input: string;
  readonly changes: string;
  /** Queries that give the number of the unit of each row that was changed. */
  readonly done: readonly string[];
  /** Units with a row that is not as expected in the snapshot. */
  readonly mismatch: string;
}

function moduleParts(module: RowModule, m: number, parameters: Parameters): RowParts {
  const { key, table, columns, isMadeOnDemand } = module;
  const [input, updated, made] = [`input_${m}`, `updated_${m}`, `made_${m}`];
  const names = namesOf(columns);
  const types = ['bigint', sqlTypes[key.type], 'bigint', ...typesOf(columns)];
  return {
    input: `
  ${input} as materialized (select * from unnest(${parameters.take(types)}) as i (n, key, version, ${names.join(', ')})),`,
    changes: `
  ${updated} as (
    update ${table} r set version = r.version + 1, ${assignments(columns)} from ${input} i
    where r.${key.name} = i.key and r.version = i.version and i.n in (select n from ready) returning i.n),${
      isMadeOnDemand === true
        ? `
  inserted_${m} as (
    insert into ${table} (${key.name}, version, ${names.join(', ')})
    select i.key, 1, ${names.map((name) => `i.${name}`).join(', ')} from ${input} i
    where i.version = 0 and i.n in (select n from ready)
    on conflict do nothing returning ${key.name} as key),
  ${made} as (select i.n from ${input} i join inserted_${m} j on j.key = i.key where i.version = 0),`
        : ''
    }`,
    done: isMadeOnDemand === true ? [updated, made] : [updated],
    mismatch: `select x.n from ${input} x left join ${table} y on y.${key.name} = x.key where coalesce(y.version, 0) <> x.version`,
  };
}

/** SEQ of a counter once it has reached what a synchronisation failure told [33.102-6.3.5]. */
const seqOf = (counter: string, draw: string): string =>
  `greatest(${counter}.sequence_number >> ${draw}.bits, coalesce(${draw}.at_least, 0) >> ${draw}.bits)`;
/** [33.102-C.2.1] the highest SEQ; SQN has 48 bits. */
const maxSeq = (draw: string): string => `((1::bigint << (48 - ${draw}.bits)) - 1)`;
const indAfter =
  'ind_after(coalesce(c.last_inds[d.slice], (c.sequence_number & ((1::bigint << d.bits) - 1))::integer), d.first, d.size, d.batches)';

/**
 * A counter `c` after the draws `d`: all of them at once, of one slice and one length of IND [33.102-C.1.1]
 * [33.102-C.1.2].
 */
const counterAfter = `
      sequence_number = case
        when d.total > 0 then ((${seqOf('c', 'd')} + d.total) << d.bits) | ${indAfter}
        when (d.at_least >> d.bits) > (c.sequence_number >> d.bits) then d.at_least
        else c.sequence_number end,
      last_inds[d.slice] = case when d.batches > 0 then ${indAfter} else c.last_inds[d.slice] end`;

/** What units draw from counters [33.102-C.1.1] beside rows of modules. */
function drawParts(parameters: Parameters): RowParts {
  const types = ['bigint', ...drawColumns.map(([, type]) => type)];
  return {
    input: `
  draws as materialized (select * from unnest(${parameters.take(types)}) as i (n, ${drawColumns.map(([name]) => name).join(', ')})),`,
    changes: `
  drawn as (
    update sequence_counter c set ${counterAfter}
    from (
      select i.counter, i.slice, i.first, i.size, i.bits, sum(i.batches)::integer as batches,
        sum(i.wanted) as total, max(i.at_least) as at_least
      from draws i where i.n in (select n from ready) group by i.counter, i.slice, i.first, i.size, i.bits) d
    where c.counter_key = d.counter and ${seqOf('c', 'd')} + d.total <= ${maxSeq('d')}
    returning c.counter_key, c.sequence_number),
  drawing as (select i.n from draws i join drawn w on w.counter_key = i.counter where i.n in (select n from ready)),`,
    done: ['drawing'],
    mismatch: `select x.n from draws x left join sequence_counter y on y.counter_key = x.counter
      where y.counter_key is null or ${seqOf('y', 'x')} + x.wanted > ${maxSeq('x')}`,
  };
}

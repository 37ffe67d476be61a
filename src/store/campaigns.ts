/**
 * Campaigns over PostgreSQL: a change of shared data, or an order of an application, on its way through
 * subscriptions in bounded batches, each one transaction. The rate holds over all campaigns and instances:
 * whoever does a batch holds the one row of shared_campaign_pace. Campaigns take turns. What a killed instance
 * left goes on where it stopped.
 *
 * What the batch does to a subscription is its application's to say (src/state/campaigns.ts).
 */
import type { FanOutOptions } from '../outbox/ports';
import type { Campaign, CampaignOrders, CampaignReaction } from '../state/campaigns';
import { changesOf } from '../state/document-reactions';
import type { Database, Sql } from '../state/database';
import { selectHead } from '../state/head-row';
import type { HeadModule } from '../state/module';
import type { UnitOfWork } from '../state/ports';
import type { Reactions } from '../state/reactions';
import { parseImage } from '../subscriber/image';
import type { SharedKind, SharedSets } from '../subscriber/provisioning';
import { isShared, profilesThatUse, usersAmong, usersBatch, walkBatch } from './campaign-batches';
import { commitStatement } from './commit';
import { epsProfilesByName } from './eps-profiles';
import { statesOf } from './module-states';
import { ofOne, writeEntries, type KeyedEntry } from './outbox-rows';
import { entriesOfReactions, type ChangedSubject } from './state-reactions';

/** For what reads the whole table. */
const scan = 'set local enable_seqscan = on';

/** Locks the pace where its time has come and there is a campaign. */
const takePace = `
  select 1 from shared_campaign_pace p
  where p.next_batch_at <= now() and exists (select 1 from shared_push_campaign c where c.completed_at is null)
  for update of p skip locked`;

/** $1: the actions that this instance knows. The one whose last batch is the longest ago. */
const nextCampaign = `
  select campaign_key, kind, name, action, last_key, total_count, created_at::text, befores::text from shared_push_campaign
  where completed_at is null and action = any($1::text[]) order by next_batch_at, campaign_key limit 1 for update`;

type CampaignRow = [
  campaignKey: number,
  kind: string,
  name: string,
  action: string,
  lastKey: number,
  total: number | null,
  createdAt: string,
  befores: string | null,
];

/**
 * Changes of one shared set that follow each other so closely that no campaign reaches everybody; of more than
 * these, the latest are kept.
 */
const KEPT_BEFORES_COUNT = 8;

/** What one batch of a campaign did, in the transaction of it. */
interface Step {
  readonly doneCount: number;
  readonly writtenCount: number;
  readonly lastKey: number;
  readonly isLast: boolean;
}

export class Campaigns {
  readonly #actions: readonly string[];

  constructor(
    private readonly head: HeadModule,
    private readonly reactions: readonly CampaignReaction[],
    private readonly stateReactions: Reactions,
  ) {
    this.#actions = reactions.flatMap(({ actions }) => actions);
  }

  /** Begins what the change of a shared set asks for. */
  async sharedSetChanged<K extends SharedKind>(
    sql: Sql,
    kind: K,
    name: string,
    before: SharedSets[K],
    after: SharedSets[K],
  ): Promise<void> {
    for (const reaction of this.reactions) {
      const action = reaction.actionFor?.(kind, before, after) ?? null;
      if (action !== null)
        await beginAgain(sql, { kind, name, action }, reaction.keepsBefore === true ? before : null);
    }
  }

  /** `database` is for statements that read whole tables. */
  orders(database: Database): CampaignOrders {
    return {
      begin: async (campaign) => beginOnce(database, campaign, this.#reactionTo(campaign).concerned),
    };
  }

  /**
   * One batch of the next campaign, where the time for a batch has come; one that came late is made up for,
   * within a second.
   * @returns whether there was one
   */
  fanOut(database: Database, { perSecond, batchCount }: FanOutOptions): Promise<boolean> {
    return database.transaction(async (sql) => {
      if ((await sql(takePace, [], 'hss_campaign_pace')).length === 0) return false;
      const [next] = await sql<CampaignRow>(nextCampaign, [this.#actions], 'hss_campaign');
      if (next === undefined) return false;
      const [campaignKey, kind, name, action, lastKey, total, createdAt, befores] = next;
      const step = await this.#step(sql, { kind, name, action }, beforesOf(befores), lastKey, batchCount);
      await sql(
        `update shared_push_campaign set last_key = $2, total_count = $3, done_count = done_count + $4, written_count = written_count + $5,
        next_batch_at = now(), completed_at = case when $6 then now() end
      where campaign_key = $1`,
        [
          campaignKey,
          step.lastKey,
          total ?? (await this.#total(sql, { kind, name, action })),
          step.doneCount,
          step.writtenCount,
          step.isLast,
        ],
        'hss_campaign_step',
      );
      await sql(
        "update shared_campaign_pace set next_batch_at = greatest(next_batch_at, now() - interval '1 second', $2::timestamptz) + $1 * interval '1 millisecond'",
        [(step.doneCount * 1_000) / perSecond, createdAt],
        'hss_campaign_paced',
      );
      return true;
    });
  }

  #reactionTo({ action }: Campaign): CampaignReaction {
    const reaction = this.reactions.find(({ actions }) => actions.includes(action));
    if (reaction === undefined) throw new Error(`no application knows campaigns with action ${action}`);
    return reaction;
  }

  /** An order was counted when it began. */
  async #total(sql: Sql, campaign: Campaign): Promise<number> {
    const { kind, name } = campaign;
    if (!isShared(kind)) return 0;
    const text = `select count(*) from ${usersAmong(kind, this.#reactionTo(campaign).concerned)}`;
    const [counted] = await sql<[number]>(text, [name]);
    return counted?.[0] ?? 0;
  }

  async #step(
    sql: Sql,
    campaign: Campaign,
    befores: Befores,
    lastKey: number,
    batchCount: number,
  ): Promise<Step> {
    const { kind, name } = campaign;
    const reaction = this.#reactionTo(campaign);
    const columns = `r.watchers, ${selectHead(this.head)}`;
    const { rows, ...end } = isShared(kind)
      ? await usersBatch(sql, usersAmong(kind, reaction.concerned), columns, name, lastKey, batchCount)
      : await walkBatch(sql, campaign, reaction.concerned, columns, lastKey, batchCount);
    const heads = rows.map(([key, , , ...head]) => ({ key, columns: head }));
    const needs = reaction.needs ?? [];
    const states = await statesOf(sql, heads, this.head, needs);
    const sharedProfiles = await profilesThatUse(sql, kind, name);
    const shared = await epsProfilesByName(sql, kind === 'epsProfiles' ? [name] : []);
    const entries: KeyedEntry[] = [];
    const units: UnitOfWork[] = [];
    const changes: ChangedSubject[] = [];
    for (const [key, image, watchers, version] of rows) {
      const subscription = parseImage(image);
      const before = states.get(key) ?? {};
      const subject = { key, campaign, subscription, states: before, sharedProfiles, shared, befores };
      const effect = reaction.react(subject);
      entries.push(...ofOne(key, effect.entries));
      const made = changesOf(effect);
      if (made.length === 0) continue;
      // A row that the head row vouches for changes with it.
      const head = effect.head ?? { module: this.head, value: before[this.head.name] };
      units.push({ key, version, head, rows: effect.rows ?? [], outbox: [] });
      changes.push({ subject: { key, watchers, subscription, states: before }, changes: made });
    }
    const others = await entriesOfReactions(sql, this.stateReactions, changes);
    if (units.length > 0) {
      const { name: statement, text, values } = commitStatement(units, { head: this.head, loaded: needs });
      await sql(text, values, statement);
    }
    await writeEntries(sql, [...entries, ...others]);
    return { ...end, doneCount: rows.length, writtenCount: entries.length };
  }
}

/**
 * Begins a campaign; an unfinished one for the same set ends, because the new one starts from the first and
 * content is of the moment.
 */
async function beginAgain(
  sql: Sql,
  { kind, name, action }: Campaign,
  before: SharedSets[SharedKind] | null,
): Promise<void> {
  sql.wroteOutbox();
  const ended = await sql<[string | null]>(
    'update shared_push_campaign set completed_at = now(), superseded = true where kind = $1 and name = $2 and action = $3 and completed_at is null returning befores::text',
    [kind, name, action],
  );
  const befores =
    before === null
      ? null
      : [...ended.flatMap(([earlier]) => beforesOf(earlier)), before].slice(-KEPT_BEFORES_COUNT);
  await sql('insert into shared_push_campaign (kind, name, action, befores) values ($1, $2, $3, $4)', [
    kind,
    name,
    action,
    befores === null ? null : JSON.stringify(befores),
  ]);
}

type Befores = readonly SharedSets[SharedKind][];

const beforesOf = (text: string | null): Befores => (text === null ? [] : (JSON.parse(text) as Befores));

function beginOnce(
  database: Database,
  { kind, name, action }: Campaign,
  concerned: string,
): Promise<number | null> {
  if (name.includes('\0')) return Promise.resolve(null);
  return database.transaction(async (sql) => {
    // Two operators at once make one campaign.
    await sql('select next_batch_at from shared_campaign_pace for update', []);
    const [open] = await sql<[number]>(
      'select campaign_key from shared_push_campaign where kind = $1 and name = $2 and action = $3 and completed_at is null',
      [kind, name, action],
    );
    if (open !== undefined) return open[0];
    await sql(scan, []);
    const [counted] = await sql<[number]>(`select count(*) from subscription_state r where ${concerned}`, [
      name,
    ]);
    if (counted === undefined || counted[0] === 0) return null;
    sql.wroteOutbox();
    const [begun] = await sql<[number]>(
      'insert into shared_push_campaign (kind, name, action, total_count) values ($1, $2, $3, $4) returning campaign_key',
      [kind, name, action, counted[0]],
    );
    return begun?.[0] ?? null;
  });
}

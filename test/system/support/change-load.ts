/**
 * Changes of subscribers through several HSS instances, and what was answered about each: so that a database
 * can be held against every promise that was made. The changes of one subscriber follow each other, by turns
 * through each instance; those of different subscribers go side by side.
 */
import type { CxClient } from '../../support/cx-client';
import type { CxAnswer } from '../../support/cx-messages';
import { mar, REGISTRATION, sar, sequenceNumber, USER_DEREGISTRATION, type User } from './cscf';
import { keys, user } from './provisioning';
import type { PostgresNode } from './replicated-postgres';

const pauseAfterRefusalMs = 20;
/** A refusal keeps what the change was from being known: it may have been committed and not answered. */
type LastSar = 'registered' | 'notRegistered' | 'either';

interface Record {
  readonly user: User;
  /** subscription_state.version before the first change. */
  startVersion: number;
  /** Answered with success and certainly a change: a SAR may find that the one in doubt before it did all. */
  answered: number;
  /** Perhaps a change. */
  doubtful: number;
  /** Of answered MARs, in order. */
  readonly given: number[];
  last: LastSar;
  next: 'register' | 'authenticate' | 'deregister';
}

const after: Readonly<globalThis.Record<Record['next'], Record['next']>> = {
  register: 'authenticate',
  authenticate: 'deregister',
  deregister: 'register',
};

export class ChangeLoad {
  private readonly records: Record[];
  private running = false;
  private loops: Promise<void>[] = [];
  /** Milliseconds of performance.now() of the last change that each instance answered with success. */
  readonly lastSuccessMs: number[];
  /** As `lastSuccessMs`, of the first one since `resume`. */
  firstSuccessMs: (number | null)[];
  /** Everything that was answered, by result. */
  readonly results = new Map<string, number>();

  constructor(
    names: readonly string[],
    private readonly clients: readonly CxClient[],
  ) {
    this.records = names.map((name) => ({
      user: user(name),
      startVersion: 0,
      answered: 0,
      doubtful: 0,
      given: [],
      last: 'notRegistered',
      next: 'register',
    }));
    this.lastSuccessMs = clients.map(() => 0);
    this.firstSuccessMs = clients.map(() => null);
  }

  get answeredCount(): number {
    return this.records.reduce((sum, { answered }) => sum + answered, 0);
  }

  /** Takes the database as it is for the beginning. */
  async begin(primary: PostgresNode): Promise<void> {
    const states = await statesOf(primary);
    for (const record of this.records)
      record.startVersion = (states.get(record.user.userName)?.version ?? 0) - record.answered;
  }

  resume(): void {
    this.running = true;
    this.firstSuccessMs = this.clients.map(() => null);
    this.loops = this.records.map((record, i) => this.changes(record, i));
  }

  /** Resolves when the last request is answered. */
  async pause(): Promise<void> {
    this.running = false;
    await Promise.all(this.loops);
  }

  private async changes(record: Record, offset: number): Promise<void> {
    for (let turn = offset; this.running; turn += 1) {
      const instance = turn % this.clients.length;
      const what = record.next;
      record.next = after[what];
      const answer = await this.ask(record.user, what, this.clients[instance] as CxClient);
      const result = answer?.result ?? 'none';
      this.results.set(result, (this.results.get(result) ?? 0) + 1);
      if (answer?.result !== '2001') {
        record.doubtful += 1;
        if (what !== 'authenticate') record.last = 'either';
        await new Promise((wake) => {
          setTimeout(wake, pauseAfterRefusalMs);
        });
        continue;
      }
      const target = what === 'authenticate' ? null : what === 'register' ? 'registered' : 'notRegistered';
      // A MAR of a registered user draws a number and leaves the head row as it is.
      const changesState = target === null ? record.last === 'notRegistered' : record.last !== target;
      if (record.last === 'either') record.doubtful += 1;
      else if (changesState) record.answered += 1;
      else if (target !== null) record.doubtful += 1;
      if (target === null) record.given.push(sequenceNumber(answer, keys));
      else record.last = target;
      this.lastSuccessMs[instance] = performance.now();
      this.firstSuccessMs[instance] ??= performance.now();
    }
  }

  private ask(who: User, what: Record['next'], client: CxClient): Promise<CxAnswer | null> {
    const answer =
      what === 'authenticate'
        ? mar(client, who)
        : sar(client, who, what === 'register' ? REGISTRATION : USER_DEREGISTRATION);
    return answer.catch(() => null);
  }

  /** What the database has not kept of what was answered, one line for each broken promise. While paused. */
  async brokenPromises(node: PostgresNode): Promise<string[]> {
    const states = await statesOf(node);
    return this.records.flatMap(({ user: { userName }, startVersion, answered, doubtful, given, last }) => {
      const state = states.get(userName);
      if (state === undefined) return [`${userName} is gone`];
      const changes = state.version - startVersion;
      const highest = Math.max(0, ...given);
      return [
        ...(changes < answered
          ? [`${userName}: ${answered} changes were answered and ${changes} are there`]
          : []),
        ...(changes > answered + doubtful
          ? [`${userName}: ${changes} changes are there of ${answered} answered and ${doubtful} in doubt`]
          : []),
        ...(state.sqn < highest ? [`${userName}: SQN ${highest} was given and ${state.sqn} is there`] : []),
        ...(last !== 'either' && last !== state.set
          ? [`${userName}: ${last} was answered and ${state.set} is there`]
          : []),
        ...(new Set(given).size < given.length ? [`${userName}: an SQN was given twice`] : []),
      ];
    });
  }
}

interface State {
  readonly version: number;
  readonly set: string;
  readonly sqn: number;
}

/** Straight from the tables, by private identity: also of a standby. */
async function statesOf(node: PostgresNode): Promise<Map<string, State>> {
  const rows = await node.sql<[string, string, string, string]>(`
    select p.identity, r.version,
      coalesce((select s ->> 'state' from json_array_elements(r.sets) s where s ->> 'name' = 'default'), 'notRegistered'),
      coalesce(c.sequence_number, 0)
    from private_identity p join subscription_state r using (subscription_key)
    left join sequence_counter c on c.counter_key = p.aka_k_hash`);
  return new Map(
    rows.map(([identity, version, set, sqn]) => [
      identity,
      { version: Number(version), set, sqn: Number(sqn) },
    ]),
  );
}

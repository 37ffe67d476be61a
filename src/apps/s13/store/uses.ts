/**
 * Who used which equipment when, over PostgreSQL: implements EquipmentUses (src/apps/s13/equipment/ports.ts).
 * Uses that come while a statement runs share the next one, several of the same use one row of it.
 */
import { limits } from '../../../shared/limits';
import type { Page } from '../../../shared/page';
import type { Database } from '../../../state/database';
import { StoreUnavailableError } from '../../../state/ports';
import type { EquipmentUse, EquipmentUses, RecordedUse, UseFilter } from '../equipment/ports';
import { cursorOf, textIn } from './cursor';

const upsert = `
  insert into equipment_use (imsi, imei, software_version, peer)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])
  on conflict (imsi, imei, software_version) do update set last_at = now(), peer = excluded.peer`;

const seconds = (column: string): string => `extract(epoch from ${column})::text`;
const notTooOld = 'last_at > now() - make_interval(days => $1::integer)';

/** Microseconds since 1970, as cursors have it: a float has not all of its digits. */
const at = '(extract(epoch from last_at) * 1000000)::bigint';
const list = `
  select imsi, imei, software_version, ${seconds('first_at')}, ${seconds('last_at')}, peer, ${at}
  from equipment_use
  where ${notTooOld} and ($2::text is null or imsi = $2) and ($3::text is null or imei = $3)
    and ($4::bigint is null or (${at}, imsi, imei, software_version) < ($4, $5, $6, $7))
  order by ${at} desc, imsi desc, imei desc, software_version desc limit $8`;

const forget = `
  delete from equipment_use where (imsi, imei, software_version) in (
    select imsi, imei, software_version from equipment_use
    where last_at <= now() - make_interval(days => $1::integer) limit $2 for update skip locked)
  returning 1`;

type Row = [
  imsi: string,
  imei: string,
  softwareVersion: string,
  firstAt: string,
  lastAt: string,
  peer: string,
  at: number,
];

const MAX_WAITING_COUNT = 20_000;
const MAX_ROWS_PER_STATEMENT = 256;
const FORGOTTEN_PER_STATEMENT = 10_000;
const FORGET_EVERY_MS = 3_600_000;
const MILLISECONDS = 1_000;

interface Waiting {
  readonly use: EquipmentUse;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const nameOf = ({ imsi, imei, softwareVersion = '' }: EquipmentUse): string =>
  [imsi, imei, softwareVersion].join(' ');

export const createEquipmentUses = (
  database: Database,
  monotonicMs: () => number = () => performance.now(),
): EquipmentUses => new UseStore(database, monotonicMs);

class UseStore implements EquipmentUses {
  #waiting: Waiting[] = [];
  #isWriting = false;
  #forgotAtMs = -Infinity;

  constructor(
    private readonly database: Database,
    private readonly monotonicMs: () => number,
  ) {}

  record(use: EquipmentUse): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= MAX_WAITING_COUNT) {
        reject(new StoreUnavailableError(`${MAX_WAITING_COUNT} uses of equipment wait to be stored`));
        return;
      }
      this.#waiting.push({ use, resolve, reject });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  async list(
    { imsi, imei }: UseFilter,
    maxAgeDays: number,
    cursor: string | null,
    limit: number,
  ): Promise<Page<RecordedUse>> {
    const [lastAt, ...names] = cursor === null ? [null, null, null, null] : textIn(cursor).split(' ');
    const rows = await this.database.use((sql) =>
      sql<Row>(list, [maxAgeDays, imsi ?? null, imei ?? null, lastAt, ...names, limit + 1]),
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      items: page.map(recorded),
      nextCursor:
        rows.length > limit && last !== undefined
          ? cursorOf([last[6], last[0], last[1], last[2]].join(' '))
          : null,
    };
  }

  async forget(maxAgeDays: number): Promise<void> {
    const now = this.monotonicMs();
    if (now - this.#forgotAtMs < FORGET_EVERY_MS) return;
    this.#forgotAtMs = now;
    const gone = await this.database.use((sql) =>
      sql(forget, [maxAgeDays, FORGOTTEN_PER_STATEMENT], 'hss_equipment_forget'),
    );
    // There may be more: the next call goes on.
    if (gone.length === FORGOTTEN_PER_STATEMENT) this.#forgotAtMs = -Infinity;
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    // What is asked for in the same turn goes along.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_ROWS_PER_STATEMENT);
      try {
        await this.#write(batch.map(({ use }) => use));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isWriting = false;
  }

  async #write(uses: readonly EquipmentUse[]): Promise<void> {
    const last = new Map(uses.map((use) => [nameOf(use), use]));
    // In one order everywhere, so that two instances do not wait for each other.
    const rows = [...last].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, use]) => use);
    await this.database.transaction((sql) =>
      sql(
        upsert,
        [
          rows.map(({ imsi }) => imsi),
          rows.map(({ imei }) => imei),
          rows.map(({ softwareVersion = '' }) => softwareVersion),
          rows.map(({ peer }) => peer.slice(0, limits.textCharacters)),
        ],
        'hss_equipment_use',
      ),
    );
  }
}

function recorded([imsi, imei, softwareVersion, firstAt, lastAt, peer]: Row): RecordedUse {
  return {
    imsi,
    imei,
    ...(softwareVersion === '' ? {} : { softwareVersion }),
    firstAt: new Date(Number(firstAt) * MILLISECONDS),
    lastAt: new Date(Number(lastAt) * MILLISECONDS),
    peer,
  };
}

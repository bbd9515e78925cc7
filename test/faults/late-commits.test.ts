import type { OrgClient } from '@hooklane/client';
import { formatId } from '@hooklane/domain';
import { createIdFactory } from '@hooklane/engine';
import { Client } from 'pg';
import { expect, it } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { startFleet } from '../support/fleet.ts';
import { until } from '../support/until.ts';

const EVENTS = 20_000;
const WRITERS = 8;
const BATCH = 20;
const OPEN_SECONDS = 5;

it(`a reader of the stream sees each of ${EVENTS} events exactly once, though one commits ${OPEN_SECONDS} s after it was made`, async () => {
  await using database = await createTestDatabase();
  await using fleet = await startFleet({ databaseUrl: database.url, without: ['worker', 'reaper'] });
  const reader = new Reader(fleet.org);
  const reading = reader.read();

  const before = await publish(fleet.org, EVENTS / 4);
  const late = await beginLate(database.url, fleet.org.slug);
  const meanwhile = await publish(fleet.org, EVENTS / 4);
  await late.committed;
  const after = await publish(fleet.org, EVENTS / 2);

  const published = [...before, late.id, ...meanwhile, ...after];
  await until(() => reader.seen.length >= published.length, { what: 'the last event', timeoutMs: 30_000 });
  reader.stop();
  await reading;

  expect(reader.seen).toHaveLength(EVENTS + 1);
  expect(new Set(reader.seen)).toEqual(new Set(published));
  // It was made before them and committed after them: by id or by time a reader would have gone past it.
  const place = (id: string) => reader.seen.indexOf(id);
  expect(Math.max(...before.map(place))).toBeLessThan(place(late.id));
  expect(place(late.id)).toBeLessThan(Math.min(...meanwhile.map(place)));
}, 300_000);

/** Follows the stream for as long as it is let. */
class Reader {
  readonly seen: string[] = [];
  readonly #org: OrgClient;
  #isStopped = false;

  constructor(org: OrgClient) {
    this.#org = org;
  }

  async read(): Promise<void> {
    for (let cursor: string | undefined; !this.#isStopped; ) {
      const page = await this.#org.events.list({ limit: 100, ...(cursor !== undefined && { cursor }) });
      this.seen.push(...page.data.map((event) => event.id));
      cursor = page.resume_cursor;
    }
  }

  stop(): void {
    this.#isStopped = true;
  }
}

async function publish(org: OrgClient, count: number): Promise<string[]> {
  let left = count / BATCH;
  const writers = Array.from({ length: WRITERS }, async () => {
    const ids: string[] = [];
    while (left-- > 0) {
      const items = await org.events.publishBatch(Array(BATCH).fill({ type: 'a.b', payload: 1 }));
      for (const item of items) ids.push('id' in item ? item.id : expect.fail(item.error.code));
    }
    return ids;
  });
  return (await Promise.all(writers)).flat();
}

/** Resolves when the event is made, but not committed. */
async function beginLate(databaseUrl: string, slug: string): Promise<{ id: string; committed: Promise<void> }> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('BEGIN');
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO events (id, org_id, type, payload, occurred_at, request_id)
     SELECT $2, id, 'a.late', '1', now(), 'late' FROM orgs WHERE slug = $1 RETURNING id`,
    [slug, createIdFactory().next('evt')],
  );
  return { id: formatId('evt', rows[0]?.id ?? ''), committed: commitLate(client) };
}

async function commitLate(client: Client): Promise<void> {
  await client.query(`SELECT pg_sleep(${OPEN_SECONDS})`);
  await client.query('COMMIT');
  await client.end();
}

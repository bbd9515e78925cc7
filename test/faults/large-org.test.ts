import { SCOPES } from '@hooklane/engine';
import { Pool } from 'undici';
import { expect, it } from 'vitest';
import type { Described } from '../contract/described.ts';
import { OPERATIONS } from '../contract/described.ts';
import { pathOf } from '../contract/requests.ts';
import { createTestDatabase } from '../support/database.ts';
import { startFleet } from '../support/fleet.ts';
import { ATTEMPTS_PER_WEBHOOK, seedOrg } from '../support/seed-org.ts';

const FEW = 10;
const MANY = 10_000;
/** Of each request, in each round. */
const SAMPLES = 150;
/** Something else on the machine may slow a request down now and then; what is slow by itself is so every time. */
const ROUNDS = 3;
const MOST_TIMES_SLOWER = 3;

const READS = OPERATIONS.filter(({ method, definition: { access } }) => method === 'GET' && access !== 'open');

/** How lists are asked beside as they come; `@hour` is that of the seeded rows which are half as old as the oldest. */
const FILTERS: Readonly<Record<string, readonly string[]>> = {
  listWebhooks: ['sort=name&direction=asc', 'name=webhook 7', 'suspended=true', 'active=false', 'event_type=seed.3'],
  listEvents: ['since=@hour', 'type=seed.3', 'request_id=req_7', 'external_id=order_7'],
  listOrgDeliveries: ['state=discarded', 'event_type=seed.3', 'since=@hour', 'state=pending&since=@hour'],
  listDeliveries: ['state=discarded', 'event_type=seed.3', 'since=@hour'],
  listAttempts: ['status=failed', 'since=@hour'],
  listOrgDiverted: ['event_type=seed.3', 'since=@hour'],
  listDiverted: ['event_type=seed.3', 'since=@hour'],
  listAllDiverted: ['event_type=seed.3', 'since=@hour'],
  listAudit: ['action=webhook.updated', 'since=@hour'],
  listAllAudit: ['actor=operator'],
  listOperations: ['kind=retry_now', 'state=done'],
  listEventTypes: ['deprecated=true'],
};

it(`lists and reads of an org with ${MANY} webhooks and a million attempts take at most three times as long as with ${FEW}, at the 99th percentile`, async () => {
  await using few = await openSeeded(FEW);
  await using many = await openSeeded(MANY);
  const slow = new Map<string, number>();
  for (const question of READS.flatMap(questionsOf)) {
    const times = await timesSlower(question, { few, many });
    if (times >= MOST_TIMES_SLOWER) slow.set(question.name, times);
  }
  expect(Object.fromEntries(slow)).toEqual({});
}, 1_200_000);

interface Question {
  name: string;
  described: Described;
  query: string;
  /** A page that is not the first. */
  isDeep: boolean;
}

function questionsOf(described: Described): Question[] {
  const isList = described.operation.parameters?.some(({ name }) => name === 'cursor') ?? false;
  const filters = ['', ...(FILTERS[described.id] ?? [])];
  const first = filters.map((query) => ({ name: `${described.id} ${query}`, described, query, isDeep: false }));
  return isList ? [...first, { name: `${described.id} (a later page)`, described, query: '', isDeep: true }] : first;
}

/** The larger of both percentiles, and the least of all rounds. */
async function timesSlower(question: Question, { few, many }: { few: Seeded; many: Seeded }): Promise<number> {
  const [askFew, askMany] = [await few.prepare(question), await many.prepare(question)];
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS && least >= MOST_TIMES_SLOWER; round++) {
    const [fewMs, manyMs]: [number[], number[]] = [[], []];
    // In turn, so that whatever else happens happens to both.
    for (let n = 0; n < SAMPLES; n++) {
      fewMs.push(await askFew());
      manyMs.push(await askMany());
    }
    // The median too: where the machine does other things, the 99th percentile is theirs.
    const [half, most] = [0.5, 0.99].map((share) => percentile(manyMs, share) / percentile(fewMs, share));
    least = Math.min(least, Math.max(half ?? 0, most ?? 0));
    report(question.name, fewMs, manyMs);
  }
  return least;
}

interface Seeded extends AsyncDisposable {
  /** Asks once, and gives what asks again, in ms. */
  prepare(question: Question): Promise<() => Promise<number>>;
}

async function openSeeded(webhooks: number): Promise<Seeded> {
  const database = await createTestDatabase();
  const fleet = await startFleet({ databaseUrl: database.url, without: ['worker', 'reaper'] });
  const { key } = await fleet.operator.keys.create(fleet.org.slug, { name: 'reader', scopes: SCOPES });
  const things = await seedOrg(database.url, { org: fleet.org, webhooks });
  expect(webhooks * ATTEMPTS_PER_WEBHOOK).toBe(webhooks === MANY ? 1_000_000 : FEW * ATTEMPTS_PER_WEBHOOK);
  const hour = encodeURIComponent(new Date(Date.now() - 10 * 3_600_000).toISOString());
  const pool = new Pool(fleet.url, { connections: 1 });

  async function get(path: string, access: string): Promise<{ ms: number; body: { next_cursor?: string | null } }> {
    const authorization = `Bearer ${access === 'operator' ? fleet.operatorKey : key}`;
    const startMs = performance.now();
    const response = await pool.request({ method: 'GET', path, headers: { authorization } });
    const text = await response.body.text();
    const ms = performance.now() - startMs;
    expect([response.statusCode, text]).toEqual([200, expect.anything()]);
    return { ms, body: JSON.parse(text) };
  }

  return {
    async prepare({ described, query, isDeep }) {
      const { access } = described.definition;
      const path = `${pathOf(described, { slug: fleet.org.slug, things })}?${encodeURI(query).replaceAll('@hour', hour)}`;
      const { body } = await get(path, access);
      const deep = isDeep ? `${path}&cursor=${encodeURIComponent(body.next_cursor ?? '')}` : path;
      const asked = isDeep && typeof body.next_cursor !== 'string' ? path : deep;
      return async () => (await get(asked, access)).ms;
    },
    async [Symbol.asyncDispose]() {
      await pool.close();
      await fleet[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? 0;
}

function report(name: string, fewMs: readonly number[], manyMs: readonly number[]): void {
  const [few, many] = [fewMs, manyMs].map((ms) => [percentile(ms, 0.5), percentile(ms, 0.99)].map(rounded));
  process.stdout.write(`${JSON.stringify({ name, few, many })}\n`);
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}

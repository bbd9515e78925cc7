import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answered, Asking } from './asking.ts';
import { openAsking } from './asking.ts';
import { OPERATIONS } from './described.ts';
import type { Pool } from './fuzz/pool.ts';
import { createPool } from './fuzz/pool.ts';
import type { Drawn } from './fuzz/requests.ts';
import { drawnRequests } from './fuzz/requests.ts';
import { brokenPromises } from './promises.ts';
import type { Scene } from './scene.ts';
import { openScene } from './scene.ts';

const REQUESTS = 10_000;
/** At the same time, so that they meet each other's changes. */
const TOGETHER = 8;
const SEED = 20_261_122;
/** What `npm test` spends on it; FUZZ_MS gives more, for all of them on a machine that is busy. */
const BUDGET_MS = Number(process.env['FUZZ_MS'] ?? 60_000);
/** So many are told in far less on any machine. */
const FEWEST = 500;
/** A machine under load is slow; a hang is longer. */
const DEADLINE_MS = 15_000;

let scene: Scene;
let asking: Asking;
let pool: Pool;
let requests: Drawn[];

beforeAll(async () => {
  // Before anything listens: drawing takes the processor for seconds, and connections would lapse meanwhile.
  requests = fc.sample(drawnRequests(), { seed: SEED, numRuns: REQUESTS });
  scene = await openScene({ HOOKLANE_WEBHOOKS_PER_ORG: '1000', HOOKLANE_WEBHOOKS_PER_HOST: '1000' });
  asking = openAsking(scene.house.url, DEADLINE_MS);
  // Both are made when they are first asked for, which holds up everybody else for a moment.
  for (const path of ['/openapi.json', '/docs']) await asking.ask({ method: 'GET', path, key: null });
  pool = createPool(scene, await scene.newOrg(), await scene.newOrg());
}, 120_000);

afterAll(async () => {
  await asking[Symbol.asyncDispose]();
  await scene[Symbol.asyncDispose]();
});

test(`${REQUESTS} requests drawn from the document are answered as it promises, none by a 5xx`, {
  timeout: BUDGET_MS + 60_000,
}, async () => {
  const seen = new Map<string, Map<number, number>>();
  const waiting = requests.values();
  const until = performance.now() + BUDGET_MS;

  async function tell(drawn: Drawn): Promise<void> {
    const asked = pool.asked(drawn);
    const answered = await patiently(() => asking.ask(asked));
    pool.learn(drawn, answered);
    count(seen, drawn.described.id, answered.status);
    const wrong = complaints(drawn, answered);
    if (wrong.length > 0) throw new Error([...wrong, JSON.stringify(asked), answered.text].join('\n'));
  }

  async function tellAll(): Promise<void> {
    for (const drawn of waiting) {
      if (performance.now() > until) return;
      await tell(drawn);
    }
  }

  await Promise.all(Array.from({ length: TOGETHER }, tellAll));
  const total = [...seen.values()].flatMap((statuses) => [...statuses.values()]).reduce((sum, one) => sum + one, 0);
  process.stdout.write(`fuzz: ${total} of ${REQUESTS} requests within ${BUDGET_MS / 1000} s\n`);
  expect(total).toBeGreaterThan(FEWEST);
  // What is refused at the door every time was not asked at all.
  if (total > REQUESTS / 2) expect(unreached(seen)).toEqual([]);
});

/**
 * On a machine that is busy with other things Postgres may take too long to let us in, which is answered as what it is.
 * What asks too much of it would be so every time.
 */
async function patiently(ask: () => Promise<Answered>): Promise<Answered> {
  for (let left = 4; ; left--) {
    const answered = await ask();
    if (left === 0 || !answered.text.includes('urn:hooklane:error:unavailable')) return answered;
  }
}

/** A machine under load is not ready now and then, and this is how it says so. */
const SAYS_BY_503 = 'getReadiness';

function complaints({ described }: Drawn, answered: Answered): string[] {
  if (answered.status >= 500 && described.id !== SAYS_BY_503) return [`${described.id} is answered ${answered.status}`];
  return brokenPromises(described, answered);
}

function count(seen: Map<string, Map<number, number>>, id: string, status: number): void {
  const statuses = seen.get(id) ?? new Map<number, number>();
  seen.set(id, statuses.set(status, (statuses.get(status) ?? 0) + 1));
}

/** Operations that no request got through to. */
function unreached(seen: Map<string, Map<number, number>>): string[] {
  const reached = [...seen].filter(([, statuses]) => [...statuses.keys()].some((status) => status < 300));
  const ids = new Set(reached.map(([id]) => id));
  return OPERATIONS.map(({ id }) => id).filter((id) => !ids.has(id) && !NOT_SURE.has(id));
}

const NOT_SURE = new Set([
  // They would take the org of the scene away, or its key.
  'deleteOrg',
  'eraseOrg',
  'revokeKey',
  // What they name is there until one of them, or a resend of all, comes first; the walk over the contract asks each by itself.
  'getDiverted',
  'resendDiverted',
  'deleteDiverted',
]);

// A webhook is changed again and again between the attempts of its deliveries, while those who change it and send are killed.
import { HooklaneConnectionError, HooklaneError } from '@hooklane/client';
import { verify } from '@hooklane/client/verify';
import { expect, it } from 'vitest';
import { startReceiving } from '../support/delivering-fleet.ts';
import type { Fleet, FleetProcess } from '../support/fleet.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import type { ReceivedRequest } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const EVENTS = 100;
const ROUNDS = 6;
const RETRY = { kind: 'linear', interval_ms: 1_000, cap_ms: 1_000, max_attempts: 50 } as const;

onBothQueues('URL, encoding and secret change between attempts while the API and workers are killed', (redisUrl) => {
  it('no delivery is lost, changes its bytes, goes back to an old URL or is signed by a secret that is none', async () => {
    await using fleet = await startReceiving({
      redisUrl: redisUrl(),
      composition: 'test',
      without: ['reaper'],
      retries: 0,
      env: { HOOKLANE_CLAIM_GRACE: '500ms', HOOKLANE_ENQUEUED_GRACE: '1s' },
      answer: () => ({ status: 500 }),
    });
    const { receiver } = fleet;
    const other = fleet.another('worker');
    await other.start();
    const url = (round: number) => `${receiver.url}/${round}`;
    const { id, secret } = await fleet.org.webhooks.create({
      url: url(0),
      events: ['*'],
      ping: false,
      timeout_ms: 1_000,
      failure_policy: { retry: RETRY, suspend: null },
    });
    const secrets = [secret ?? ''];
    const events = await Promise.all(
      Array.from({ length: EVENTS }, (_, n) => fleet.org.events.publish({ type: 'a.b', payload: { n } })),
    );
    await receiver.waitFor(EVENTS);

    secrets.push(...(await changeAll({ fleet, other, id, url })));
    // Attempts before, between and after all changes are refused.
    receiver.answer(() => ({ status: 200 }));

    await fleet.nothingDue();
    const rows = await fleet.rows('SELECT state, count(*)::int AS count FROM deliveries GROUP BY 1');
    expect(rows).toEqual([{ state: 'delivered', count: EVENTS }]);
    for (const event of events)
      expectSteady(receiver.requests.filter(({ headers }) => headers['webhook-id'] === event.id));
    for (const request of receiver.requests) expect(verified(request, secrets)).toBe(true);
    expect((await fleet.org.webhooks.get(id)).url).toBe(url(ROUNDS));
  }, 180_000);
});

/** Whoever is killed is killed in the middle of a change. Returns the new secrets that somebody heard of. */
async function changeAll(stage: {
  fleet: Fleet;
  other: FleetProcess;
  id: string;
  url: (round: number) => string;
}): Promise<string[]> {
  const { fleet, other, id, url } = stage;
  const secrets: string[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const victim = [fleet.api, fleet.worker, other][round % 3] ?? fleet.api;
    const changing = changeUntilDone(fleet, id, { url: url(round), content_type: round % 2 === 0 ? 'json' : 'form' });
    await restart(victim);
    await changing;
    // Where the answer is lost nobody knows the new secret: until its time is over the old one signs too.
    const rotating = fleet.org.webhooks.rotateSecret(id, { overlap_seconds: 3_600 }).catch(isAway);
    await restart(round % 2 === 0 ? fleet.api : other);
    const rotated = await rotating;
    if (rotated !== null) secrets.push(rotated.secret ?? '');
  }
  return secrets;
}

async function restart(one: FleetProcess): Promise<void> {
  await one.kill('SIGKILL');
  await one.start();
}

/** The same bytes each time; never back at an older URL, and at the newest in the end. */
function expectSteady(requests: readonly ReceivedRequest[]): void {
  const rounds = requests.map(({ path }) => Number(path.slice(1)));
  expect(new Set(requests.map(({ body }) => String(body))).size).toBe(1);
  expect(rounds).toEqual(rounds.toSorted((a, b) => a - b));
  expect(rounds.at(-1)).toBe(ROUNDS);
}

/** The same change again is harmless. */
async function changeUntilDone(
  { org }: Fleet,
  id: string,
  change: { url: string; content_type: 'json' | 'form' },
): Promise<void> {
  await until(async () => (await org.webhooks.update(id, change).catch(isAway)) !== null, {
    what: 'the change',
    timeoutMs: 60_000,
  });
}

/** Null for an API that is away; throws what else went wrong. */
function isAway(error: unknown): null {
  const away = error instanceof HooklaneConnectionError || (error instanceof HooklaneError && error.status === 503);
  if (away) return null;
  throw error;
}

function verified({ body, headers }: ReceivedRequest, secrets: readonly string[]): boolean {
  try {
    verify({ body, headers, secrets });
    return true;
  } catch {
    return false;
  }
}

import { beforeEach, describe, expect, it } from 'vitest';
import type { TestApi } from '../../test/api.ts';
import { OPERATOR_KEY, startApi } from '../../test/api.ts';

const limits = (requestsPerSecond: number | null, eventsPerSecond: number | null = null) => ({
  requestsPerSecond,
  eventsPerSecond,
});

let api: TestApi;

beforeEach(async () => {
  api = await startApi();
});

const list = (key: string) => api.call('GET', '/v1/orgs/acme/webhooks', { key });
const publish = (key: string) =>
  api.call('POST', '/v1/orgs/acme/events', { key, body: { type: 'invoice.paid', payload: {} } });

async function statuses(count: number, request: () => Promise<{ statusCode: number }>): Promise<number[]> {
  const answers: number[] = [];
  for (let i = 0; i < count; i++) answers.push((await request()).statusCode);
  return answers;
}

async function limitOrg(rateLimits: ReturnType<typeof limits>): Promise<void> {
  const settings = { ...api.acme.settings, rateLimits };
  await api.ports.orgs.change('acme', (now) => ({ ...now, settings }), {
    actor: { kind: 'operator' },
    requestId: null,
  });
}

describe('a key with a limit of requests', () => {
  it('is refused above it, and told when to come again', async () => {
    const key = await api.keyFor(api.acme, ['webhooks:list'], limits(2));

    expect(await statuses(2, () => list(key))).toEqual([200, 200]);
    const refused = await list(key);

    expect(refused.json()).toMatchObject({
      status: 429,
      code: 'rate_limited',
      detail: 'Allowed per second: key-requests 2.',
    });
    expect(refused.headers).toMatchObject({
      'retry-after': '1',
      'ratelimit-policy': '"key-requests";q=2;w=1',
      ratelimit: '"key-requests";r=0;t=1',
      'x-ratelimit-limit': '2',
      'x-ratelimit-remaining': '0',
    });
    expect(api.log.at(-1)).toMatchObject({ msg: 'request.handled', status: 429, code: 'rate_limited', org: 'acme' });

    api.ports.rateLedger.nowMs += 500;
    expect(await statuses(2, () => list(key))).toEqual([200, 429]);
  });

  it('is told on every answer what is left, on refusals of other kinds too', async () => {
    const key = await api.keyFor(api.acme, ['webhooks:list'], limits(5));
    expect((await list(key)).headers['ratelimit']).toBe('"key-requests";r=4;t=1');
    const wrong = await api.call('GET', '/v1/orgs/acme/webhooks?limit=0', { key });
    expect([wrong.statusCode, wrong.headers['ratelimit']]).toEqual([422, '"key-requests";r=3;t=1']);
  });

  it('leaves the other keys of its org alone', async () => {
    const key = await api.keyFor(api.acme, ['webhooks:list'], limits(1));
    expect(await statuses(2, () => list(key))).toEqual([200, 429]);
    expect((await list(api.key)).statusCode).toBe(200);
  });
});

describe('an org with limits', () => {
  it('counts the requests of all its keys together, and of no other org', async () => {
    await limitOrg(limits(3));
    const other = await api.keyFor(api.acme, ['webhooks:list']);

    expect(await statuses(2, () => list(api.key))).toEqual([200, 200]);
    expect(await statuses(2, () => list(other))).toEqual([200, 429]);

    const globex = await api.call('GET', '/v1/orgs/globex/webhooks', { key: api.globexKey });
    expect([globex.statusCode, globex.headers['ratelimit']]).toEqual([200, undefined]);
  });

  it('counts events by themselves, and stores none that it refuses', async () => {
    await limitOrg(limits(100, 2));

    const answers = [await publish(api.key), await publish(api.key), await publish(api.key)];

    expect(answers.map((answer) => answer.statusCode)).toEqual([202, 202, 429]);
    expect(answers[2]?.headers['ratelimit-policy']).toBe('"org-requests";q=100;w=1, "org-events";q=2;w=1');
    expect(answers[2]?.headers['x-ratelimit-limit']).toBe('2');
    expect(api.ports.events.drafts).toHaveLength(2);
    expect((await list(api.key)).statusCode).toBe(200);
  });

  it('counts each event of a batch that can be read', async () => {
    await limitOrg(limits(null, 10));
    const event = { type: 'invoice.paid', payload: {} };
    const batch = (events: unknown[]) => api.call('POST', '/v1/orgs/acme/events/batch', { body: { events } });

    const first = await batch([event, event, event, { type: 'no type', payload: {} }]);
    expect([first.statusCode, first.headers['x-ratelimit-remaining']]).toEqual([207, '7']);
    expect((await batch(Array.from({ length: 8 }, () => event))).statusCode).toBe(429);
    expect((await batch(Array.from({ length: 7 }, () => event))).statusCode).toBe(202);
    expect((await publish(api.key)).statusCode).toBe(429);
  });

  it('does not count events that are refused for what they are', async () => {
    await limitOrg(limits(null, 1));
    const wrong = await api.call('POST', '/v1/orgs/acme/events', { body: { type: 'no type', payload: {} } });
    expect(wrong.statusCode).toBe(422);
    expect((await publish(api.key)).statusCode).toBe(202);
  });

  it('counts nothing of the operator, and nothing before a key is known', async () => {
    await limitOrg(limits(1));
    expect(await statuses(3, () => list(OPERATOR_KEY))).toEqual([200, 200, 200]);
    expect(await statuses(3, () => list('hl_guess'))).toEqual([401, 401, 401]);
    expect(await statuses(2, () => list(api.key))).toEqual([200, 429]);
  });
});

describe('without limits', () => {
  it('nothing is counted and no header tells of it', async () => {
    const answer = await publish(api.key);
    expect(Object.keys(answer.headers).filter((name) => name.includes('ratelimit'))).toEqual([]);
    await api.app.close();
    expect(api.ports.rateLedger.settled).toEqual([]);
  });
});

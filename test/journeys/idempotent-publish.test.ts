import { expect, it } from 'vitest';
import { onBothQueues } from '../support/house.ts';
import { startReceiver } from '../support/receiver.ts';

onBothQueues('an idempotency key', (open) => {
  it('makes one event of 50 parallel posts, and the same answer for all', async () => {
    await using house = await open();
    await using receiver = await startReceiver();
    await house.webhook(receiver);
    const event = { type: 'a.b', payload: { n: 1 } };

    const answers = await Promise.all(
      Array.from({ length: 50 }, () => house.org.events.publish(event, { idempotencyKey: 'order-7' })),
    );

    expect(new Set(answers.map((answer) => answer.id)).size).toBe(1);
    expect(answers[0]?.deliveries).toBe(1);
    const sentinel = await house.org.events.publish({ type: 'a.b', payload: 'sentinel' });
    await receiver.waitFor((request) => request.headers['webhook-id'] === sentinel.id);
    expect(receiver.requests).toHaveLength(2);
  });

  it('is refused for another body, and the first event stays as it was', async () => {
    await using house = await open();
    const first = await house.org.events.publish({ type: 'a.b', payload: 1 }, { idempotencyKey: 'k' });

    const second = house.org.events.publish({ type: 'a.b', payload: 2 }, { idempotencyKey: 'k' });

    await expect(second).rejects.toMatchObject({ status: 409, code: 'idempotency_conflict' });
    expect(await house.org.events.publish({ type: 'a.b', payload: 1 }, { idempotencyKey: 'k' })).toEqual(first);
  });

  it("is the producer's own id where no key is given", async () => {
    await using house = await open();
    const event = { id: 'ord_1', type: 'a.b', payload: 1 };
    const posts = await Promise.all([post(house, event), post(house, event)]);
    expect(posts.map(({ status }) => status)).toEqual([202, 202]);
    expect(posts[0]?.body).toEqual(posts[1]?.body);
    expect((await post(house, { ...event, payload: 2 })).status).toBe(409);
  });
});

async function post(
  house: { url: string; operatorKey: string; org: { slug: string } },
  body: unknown,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${house.url}/v1/orgs/${house.org.slug}/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${house.operatorKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

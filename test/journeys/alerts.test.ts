import { verify } from '@hooklane/client/verify';
import { expect, it } from 'vitest';
import { onBothQueues } from '../support/house.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const GIVES_UP_AT_ONCE = { retry: { kind: 'none' } } as const;

interface Alert {
  type: string;
  data: { webhook: { id: string; name: string }; reason?: string; failures_in_a_row?: number };
}

function alertsAt(receiver: Receiver): Alert[] {
  return receiver.requests.map(({ body }) => JSON.parse(body.toString()) as Alert);
}

onBothQueues('what befalls a webhook', (open) => {
  it('is told to the alert URL of the webhook and to those of its org who listen, signed, and once', async () => {
    await using house = await open();
    await using receiver = await startReceiver(() => ({ status: 500 }));
    await using owner = await startReceiver(() => ({ status: 200 }));
    await using operations = await startReceiver(() => ({ status: 200 }));
    await using everything = await startReceiver(() => ({ status: 200 }));
    const listening = await house.webhook(operations, { events: ['hooklane.*'] });
    await house.webhook(everything, { events: ['*'] });
    const headers = { 'x-credential': 'for the receiver alone' };
    const policy = { ...GIVES_UP_AT_ONCE, suspend: null, alert_url: owner.url };
    const failing = await house.webhook(receiver, { events: ['a.b'], headers, failure_policy: policy });

    for (let n = 0; n < 5; n++) await house.org.events.publish({ type: 'a.b', payload: { n } });
    const told = (at: Receiver, type: string) => alertsAt(at).filter((alert) => alert.type === type);
    for (const at of [owner, operations]) {
      await until(() => told(at, 'hooklane.webhook.failing').length === 1, { what: 'the failing to be told' });
      await until(() => told(at, 'hooklane.delivery.diverted').length > 0, { what: 'the diverted events to be told' });
    }
    await house.org.webhooks.suspend(failing.id);
    await house.org.webhooks.rotateSecret(failing.id);
    for (const at of [owner, operations]) {
      await until(() => told(at, 'hooklane.secret.rotated').length === 1, { what: 'the rotation to be told' });
      expect(told(at, 'hooklane.webhook.suspended')).toMatchObject([
        { data: { webhook: { id: failing.id }, reason: 'manual' } },
      ]);
      expect(told(at, 'hooklane.webhook.failing')).toHaveLength(1);
    }

    const [first] = operations.requests;
    verify({ body: first?.body ?? '', headers: first?.headers ?? {}, secrets: listening.secret });
    const [own] = owner.requests;
    verify({ body: own?.body ?? '', headers: own?.headers ?? {}, secrets: failing.secret });
    expect(own?.headers['x-credential']).toBeUndefined();
    // Whoever subscribes to everything that producers publish gets nothing of it.
    expect(alertsAt(everything).every((event) => !String(event.type).startsWith('hooklane.'))).toBe(true);
    // The log says where each went.
    const { data } = await house.org.webhooks.attempts(failing.id);
    const wentTo = Object.fromEntries(data.map(({ origin, request }) => [origin, request.url]));
    expect(wentTo).toEqual({ event: `${receiver.url}/`, alert: `${owner.url}/` });
  });

  it('is not told of those who are told: a broken one would tell itself for ever', async () => {
    await using house = await open();
    await using broken = await startReceiver(() => ({ status: 500 }));
    await using owner = await startReceiver(() => ({ status: 500 }));
    await using sentinel = await startReceiver(() => ({ status: 200 }));
    const policy = { ...GIVES_UP_AT_ONCE, suspend: null, alert_url: owner.url };
    const listening = await house.webhook(broken, { events: ['hooklane.*'], failure_policy: GIVES_UP_AT_ONCE });
    const watched = await house.webhook(sentinel, { events: ['a.b'], failure_policy: policy });

    for (let n = 0; n < 6; n++) {
      await house.org.webhooks.suspend(watched.id);
      await house.org.webhooks.unsuspend(watched.id);
    }
    const diverted = async () => (await house.org.diverted.list(listening.id)).data.length;
    await until(async () => (await diverted()) === 6, { what: 'six suspensions to be told in vain' });
    // Its own failing, and its diverted events, would be told before this.
    await house.org.webhooks.rotateSecret(watched.id);
    await until(async () => (await diverted()) === 7, { what: 'the sentinel' });
    expect(new Set(alertsAt(broken).map(({ data }) => data.webhook.id))).toEqual(new Set([watched.id]));
    // Alerts that fail count for nobody.
    expect((await house.org.webhooks.get(watched.id)).suspended).toBeNull();
    expect((await house.org.diverted.list(watched.id)).data).toEqual([]);
  });

  it('cannot be forged by a producer, nor sent where webhooks may not be', async () => {
    await using house = await open();
    await using receiver = await startReceiver(() => ({ status: 200 }));
    const forged = house.org.events.publish({ type: 'hooklane.webhook.suspended', payload: {} });
    await expect(forged).rejects.toMatchObject({ code: 'invalid_field' });
    const inside = house.webhook(receiver, { failure_policy: { alert_url: 'http://169.254.169.254/' } });
    await expect(inside).rejects.toMatchObject({ code: 'url_not_allowed' });
  });
});

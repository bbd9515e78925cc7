import { verify } from '@hooklane/client/verify';
import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { onBothQueues } from '../support/house.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

onBothQueues('an accepted event', (open) => {
  it('reaches each subscribed webhook once, byte for byte, signed so that others can verify it', async () => {
    await using house = await open();
    await using receiver = await startReceiver();
    const webhook = await house.webhook(receiver, { events: ['invoice.*'] });
    const payload = '{"total": 1.0, "a": 1, "a": 2, "nul": "\\u0000", "big": 12345678901234567890, "é": "\\ud800"}';

    const event = await house.org.events.publish({ type: 'invoice.paid', rawPayload: payload });

    const [request] = await receiver.waitFor(1);
    expect(request?.body.toString()).toBe(payload);
    expect(request?.headers['webhook-id']).toBe(event.id);
    expect(request?.headers['content-type']).toBe('application/json');
    const headers = request?.headers ?? {};
    expect(() => new Webhook(webhook.secret).verify(payload, headers as Record<string, string>)).not.toThrow();
    expect(verify({ body: payload, headers, secrets: webhook.secret }).id).toBe(event.id);
  });

  it('is not sent to a webhook that did not subscribe to it, was disabled or is of another org', async () => {
    await using house = await open();
    await using wanted = await startReceiver();
    await using unwanted = await startReceiver();
    const other = await house.newOrg();
    await house.webhook(unwanted, { events: ['order.*'] });
    await house.webhook(unwanted, { enabled: false });
    await house.webhook(unwanted, { filters: { region: ['us'] } });
    await other.webhooks.create({ url: unwanted.url, events: ['*'], ping: false });
    const sentinel = await house.webhook(wanted);

    const event = await house.org.events.publish({ type: 'invoice.paid', payload: 1, attributes: { region: 'eu' } });

    expect(event.deliveries).toBe(1);
    await wanted.waitFor(1);
    // The other webhooks are alive: each would have been sent to by now, as this ping to one of them is.
    await house.org.webhooks.ping(sentinel.id, { wait: true });
    expect(unwanted.requests).toEqual([]);
  });

  it('is matched against a webhook whose creation was answered before, and not after its deletion', async () => {
    await using house = await open();
    await using receiver = await startReceiver();
    for (let round = 0; round < 20; round++) {
      const webhook = await house.webhook(receiver);
      expect((await house.org.events.publish({ type: 'a.b', payload: round })).deliveries).toBe(1);
      await house.org.webhooks.delete(webhook.id);
      expect((await house.org.events.publish({ type: 'a.b', payload: round })).deliveries).toBe(0);
    }
  });

  it('shows its deliveries and what was sent and answered', async () => {
    await using house = await open();
    await using receiver = await startReceiver(() => ({ status: 201, body: 'thank you', headers: { 'x-node': '7' } }));
    const webhook = await house.webhook(receiver, { headers: { authorization: 'Bearer t', 'x-tenant': ['a', 'b'] } });
    const event = await house.org.events.publish({ type: 'invoice.paid', payload: {} });

    const seen = await until(
      async () => {
        const found = await house.org.events.get(event.id);
        return found.deliveries?.[0]?.state === 'delivered' && found;
      },
      { what: 'the delivery to be recorded' },
    );
    expect(seen.deliveries).toMatchObject([{ webhook_id: webhook.id, attempts: 1 }]);
    const [attempt] = (await house.org.webhooks.attempts(webhook.id)).data;
    expect(attempt).toMatchObject({
      event_id: event.id,
      status: 201,
      outcome: 'accepted',
      response: { body: 'thank you' },
    });
    expect(attempt?.request.headers).toMatchObject({
      'webhook-id': event.id,
      authorization: '********',
      'x-tenant': '********',
    });
    expect(receiver.requests[0]?.headers).toMatchObject({ authorization: 'Bearer t', 'x-tenant': 'a, b' });
  });
});

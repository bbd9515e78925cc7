import { randomBytes } from 'node:crypto';
import { verify } from '@hooklane/client/verify';
import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { onBothQueues } from '../support/house.ts';
import type { ReceivedRequest } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';

onBothQueues('a secret being rotated', (open) => {
  it('signs together with the new one until its time is over, so that either verifies', async () => {
    await using house = await open();
    await using receiver = await startReceiver();
    const supplied = `whsec_${randomBytes(32).toString('base64')}`;
    const webhook = await house.webhook(receiver, { secret: supplied });
    expect(webhook.secret).toBe(supplied);

    const rotated = await house.org.webhooks.rotateSecret(webhook.id, { overlap_seconds: 3_600 });
    await house.org.events.publish({ type: 'a.b', payload: 1 });
    const [both] = await receiver.waitFor(1);
    expect(String(both?.headers['webhook-signature']).split(' ')).toHaveLength(2);
    expect(both && verifies(supplied, both)).toBe(true);
    expect(both && verifies(rotated.secret, both)).toBe(true);

    const last = await house.org.webhooks.rotateSecret(webhook.id, { overlap_seconds: 0 });
    await house.org.events.publish({ type: 'a.b', payload: 2 });
    const [, newest] = await receiver.waitFor(2);
    expect(newest && verifies(last.secret, newest)).toBe(true);
    expect(newest && verifies(rotated.secret, newest)).toBe(false);
  });

  it('can become a pair of keys, of which receivers need the public one only', async () => {
    await using house = await open();
    await using receiver = await startReceiver();
    const webhook = await house.webhook(receiver);
    const rotated = await house.org.webhooks.rotateSecret(webhook.id, { secret_kind: 'ed25519', overlap_seconds: 60 });
    await house.org.events.publish({ type: 'a.b', payload: 1 });
    const [{ body = Buffer.alloc(0), headers = {} } = {}] = await receiver.waitFor(1);
    const [{ public_key: secrets } = { public_key: null }] = (await house.org.webhooks.secrets(webhook.id)).data;
    expect(secrets).toBe(rotated.public_key);
    expect(verify({ body, headers, secrets: secrets ?? '' }).body).toEqual(body);
    expect(() => verify({ body: `${body} `, headers, secrets: secrets ?? '' })).toThrow('No signature');
    expect(verify({ body, headers, secrets: webhook.secret }).body).toEqual(body);
  });

  it('signs no more once it is expired early', async () => {
    await using house = await open();
    await using receiver = await startReceiver();
    const webhook = await house.webhook(receiver);
    const rotated = await house.org.webhooks.rotateSecret(webhook.id, { overlap_seconds: 604_800, tag: 'new' });
    const [, old] = (await house.org.webhooks.secrets(webhook.id)).data;
    await house.org.webhooks.expireSecret(webhook.id, old?.id ?? '');
    await house.org.events.publish({ type: 'a.b', payload: 1 });
    const [request] = await receiver.waitFor(1);
    expect(request && verifies(webhook.secret, request)).toBe(false);
    expect(request && verifies(rotated.secret, request)).toBe(true);
    expect(await house.org.webhooks.get(webhook.id)).toMatchObject({ tag: 'new' });
  });

  it('is never shown again after it was created', async () => {
    await using house = await open();
    await using receiver = await startReceiver();
    const { id, secret } = await house.webhook(receiver);
    const seen = JSON.stringify([await house.org.webhooks.get(id), await house.org.webhooks.list()]);
    expect(seen).not.toContain(secret.slice(6, -4));
    const { rows } = await house.pool.query('SELECT * FROM webhook_secrets');
    expect(JSON.stringify(rows)).not.toContain(Buffer.from(secret).toString('hex').slice(0, 40));
    expect(JSON.stringify(rows)).not.toContain(JSON.stringify(Buffer.from(secret)).slice(30, -30));
  });
});

function verifies(secret: string | null, { body, headers }: ReceivedRequest): boolean {
  if (secret === null) return false;
  try {
    new Webhook(secret).verify(body.toString(), headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}

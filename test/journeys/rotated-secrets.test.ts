import { randomBytes } from 'node:crypto';
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

  it('is never shown again after it was created', async () => {
    await using house = await open();
    await using receiver = await startReceiver();
    const { id, secret } = await house.webhook(receiver);
    const seen = JSON.stringify([await house.org.webhooks.get(id), await house.org.webhooks.list()]);
    expect(seen).not.toContain(secret.slice(6, -4));
    const { rows } = await house.pool.query('SELECT * FROM webhook_secrets');
    expect(JSON.stringify(rows)).not.toContain(Buffer.from(secret.slice(6), 'base64').toString('hex'));
  });
});

function verifies(secret: string, { body, headers }: ReceivedRequest): boolean {
  try {
    new Webhook(secret).verify(body.toString(), headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}

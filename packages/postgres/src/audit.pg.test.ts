import { formatId } from '@hooklane/domain';
import type { AttemptRecord, Claim } from '@hooklane/engine';
import { expect, test } from 'vitest';
import { by, ids, newOrg, newSecret, newWebhook } from '../../../test/conformance/stores.ts';
import type { PostgresStores } from '../../../test/support/postgres-stores.ts';
import { createPostgresStores } from '../../../test/support/postgres-stores.ts';
import { createEventStore } from './accept-events.ts';
import { createDueStore } from './due-store.ts';

test('a change whose entry cannot be written is not made', async () => {
  await using stores = await createPostgresStores();
  const { webhooks, orgs, keys, operations, database } = stores;
  const task = { kind: 'resend', filter: {} } as const;
  const org = await newOrg(stores);
  const webhook = { ...(await newWebhook(stores, org.id)), by };
  const before = await webhooks.get(org.id, webhook.id);
  await database.pool.query('ALTER TABLE audit_log RENAME TO audit_log_gone');

  const changes = [
    () => webhooks.change(webhook, (now) => ({ ...now, name: 'renamed' })),
    () => webhooks.suspend(webhook, 'manual'),
    () => webhooks.rotateSecret(webhook, { secret: newSecret(), overlapMs: 0 }),
    () => webhooks.delete(webhook),
    () => newWebhook(stores, org.id),
    () => orgs.change(org.slug, (now) => ({ ...now, name: 'Renamed' }), by),
    () => orgs.delete(org.slug, by),
    () => newOrg(stores, 'another'),
    () => operations.start({ id: ids.next('op'), orgId: org.id, webhookId: null, task, perSecond: 1, by }),
  ];
  for (const change of changes) await expect(change()).rejects.toThrow('audit_log');

  expect(await webhooks.get(org.id, webhook.id)).toEqual(before);
  expect(await orgs.bySlug(org.slug)).toEqual(org);
  expect(await orgs.bySlug('another')).toBeNull();
  expect(await keys.list(org.id, { limit: 1, cursor: null })).toEqual({ data: [], nextCursor: null });
  const { rowCount } = await database.pool.query('SELECT FROM operations');
  expect(rowCount).toBe(0);
});

test('what the system suspends by itself is told too, with its reason, by nobody', async () => {
  await using stores = await createPostgresStores();
  const org = await newOrg(stores);
  const { id } = await newWebhook(stores, org.id);

  await failForGood(stores, { orgId: org.id, webhookId: id });

  const { data } = await stores.audit.list({ actor: 'system' }, { limit: 10, cursor: null });
  expect(data).toMatchObject([
    {
      action: 'webhook.suspended',
      org: { id: org.id, slug: org.slug },
      target: formatId('wh', id),
      actor: { kind: 'system' },
      requestId: null,
      details: { reason: 'gone' },
    },
  ]);
});

/** One attempt, whose receiver says that it is gone. */
async function failForGood(
  { database, box }: PostgresStores,
  { orgId, webhookId }: Pick<Claim, 'orgId' | 'webhookId'>,
): Promise<void> {
  const times = { claimGraceMs: 15_000, enqueuedMs: 10_000 };
  const events = createEventStore(database.pool, { ...times, idempotencyMs: 1 });
  const due = createDueStore(database, { ...times, ids, box, onSuspended: () => {}, onUnopened: () => {} });
  const deliveryId = ids.next('dlv');
  const rest = { attributes: {}, externalId: null, occurredAt: null, requestId: 'req_1', idempotency: null };
  await events.accept({
    publication: { orgId, type: 'invoice.paid', payload: Buffer.from('{}'), ...rest },
    eventId: ids.next('evt'),
    deliveries: [{ deliveryId, webhookId }],
    origin: 'event',
    configVersion: null,
    queued: false,
  });
  const claim = await due.claim({ deliveryId, webhookId, attempt: 1 });
  if (claim === null) throw new Error('nothing to claim');
  const report = { outcome: { kind: 'rejected', status: 410 } as const, durationMs: 1, response: null };
  const sent: AttemptRecord['sent'] = { report, requestHeaders: {}, startedAtMs: Date.now(), waitedFor: null };
  await due.record({ claim, step: { kind: 'divert', reason: 'gone', suspend: true }, sent, queued: false });
}

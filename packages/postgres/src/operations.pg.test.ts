import { afterAll, beforeAll, expect, test } from 'vitest';
import { by, divertOne, ids, newOrg, newWebhook } from '../../../test/conformance/stores.ts';
import type { PostgresStores } from '../../../test/support/postgres-stores.ts';
import { createPostgresStores } from '../../../test/support/postgres-stores.ts';

let stores: PostgresStores;
beforeAll(async () => {
  stores = await createPostgresStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

async function query<T>(sql: string, values: unknown[]): Promise<T[]> {
  return (await stores.database.pool.query(sql, values)).rows;
}

test('an operation is not over while somebody else holds rows that it would move', async () => {
  const webhook = await newWebhook(stores, (await newOrg(stores)).id);
  const held = await divertOne(stores, webhook);
  const free = await divertOne(stores, webhook);
  const id = ids.next('op');
  const task = { kind: 'resend', filter: { webhookId: webhook.id } } as const;
  await stores.operations.start({ id, orgId: null, webhookId: null, task, perSecond: 1_000, by });
  const step = () => stores.operations.advance({ stepMs: 10 });
  const state = async () => (await stores.operations.get(null, id))?.state;
  const isReady = () => query('UPDATE operations SET next_step_at = now() WHERE id = $1', [id]);

  await stores.database.transaction(async (client) => {
    await client.query('SELECT FROM diverted_events WHERE event_id = $1 FOR UPDATE', [held.eventId]);
    expect((await step()).refs).toHaveLength(1);
    expect(await stores.diverted.get(webhook, free.eventId)).toBeNull();
    expect(await state()).toBe('running');
  });
  await isReady();

  expect((await step()).refs).toHaveLength(1);
  expect(await state()).toBe('done');
});

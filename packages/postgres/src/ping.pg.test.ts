import { pingWebhook } from '@hooklane/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { by, ids, newOrg, newWebhook } from '../../../test/conformance/stores.ts';
import { FakeQueue } from '../../../test/support/memory/work-fakes.ts';
import type { PostgresStores } from '../../../test/support/postgres-stores.ts';
import { createPostgresStores } from '../../../test/support/postgres-stores.ts';
import { createEventStore } from './accept-events.ts';

let stores: PostgresStores;
beforeAll(async () => {
  stores = await createPostgresStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

test('a ping whose org is deleted after its webhook was read names nothing, and stores nothing', async () => {
  const org = await newOrg(stores);
  const webhook = await newWebhook(stores, org.id);
  await stores.orgs.delete(org.slug, by);
  const { pool } = stores.database;
  const ports = {
    events: createEventStore(pool, { idempotencyMs: 0, enqueuedMs: 0 }),
    due: { unqueue: async () => {} },
    queue: new FakeQueue(),
    ids,
    onFault: (error: unknown) => expect.fail(String(error)),
  };
  await expect(pingWebhook(ports, webhook, 'req_1')).rejects.toMatchObject({ code: 'not_found' });
  expect((await pool.query('SELECT FROM delivery_due WHERE org_id = $1', [org.id])).rowCount).toBe(0);
});

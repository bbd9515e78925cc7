import { createIdFactory } from '@hooklane/engine';
import type { ClientBase } from 'pg';
import { expect, test } from 'vitest';
import { openTestDatabase } from '../../../test/support/database.ts';
import { COUNT_HEALTH } from './webhook-health.ts';

test('a run of failures never ends before it began, though who began first to write was second to write', async () => {
  await using test = await openTestDatabase();
  const ids = createIdFactory();
  const [webhookId, orgId] = [ids.next('wh'), ids.next('org')];
  const countFailure = async (client: ClientBase) => {
    const { rows } = await client.query(
      `WITH held (n, webhook_id, org_id, sign) AS (VALUES (1, $1::uuid, $2::uuid, 'failure'))${COUNT_HEALTH}
       SELECT failures, lasted_ms FROM counted`,
      [webhookId, orgId],
    );
    return rows[0];
  };
  const early = await test.database.pool.connect();
  const late = await test.database.pool.connect();
  try {
    await early.query('BEGIN');
    await early.query('SELECT now()');
    await late.query('BEGIN');
    expect(await countFailure(late)).toEqual({ failures: 1, lasted_ms: 0 });
    await late.query('COMMIT');

    expect(await countFailure(early)).toEqual({ failures: 2, lasted_ms: 0 });
  } finally {
    early.release(true);
    late.release(true);
  }
});

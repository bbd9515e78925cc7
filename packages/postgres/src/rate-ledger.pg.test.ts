import { limitOf } from '@hooklane/domain';
import { expect, test } from 'vitest';
import type { LedgerWorld } from '../../../test/conformance/rate-ledger.ts';
import { describeRateLedger } from '../../../test/conformance/rate-ledger.ts';
import type { PostgresStores } from '../../../test/support/postgres-stores.ts';
import { createPostgresStores } from '../../../test/support/postgres-stores.ts';
import { createRateLedger } from './rate-ledger.ts';

describeRateLedger(async (): Promise<LedgerWorld> => {
  const stores = await createPostgresStores();
  return {
    ledger: createRateLedger(stores.database.pool),
    passTime: (ms) => age(stores, ms),
    [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose](),
  };
});

test('its table is not logged: a busy limit costs no fsync', async () => {
  await using stores = await createPostgresStores();
  const { rows } = await stores.database.pool.query(
    `SELECT relpersistence FROM pg_class WHERE relname = 'rate_buckets'`,
  );
  expect(rows).toEqual([{ relpersistence: 'u' }]);
});

test('a clock that goes back adds nothing and takes nothing', async () => {
  await using stores = await createPostgresStores();
  const ledger = createRateLedger(stores.database.pool);
  const settle = async (used: number) => {
    const levels = await ledger.settle([{ bucket: 'b', limit: limitOf(10), used, overMs: 0 }]);
    return levels.get('b');
  };
  await settle(4);
  await age(stores, -60_000);
  expect(await settle(1)).toBeCloseTo(5, 1);
});

async function age({ database }: PostgresStores, ms: number): Promise<void> {
  await database.pool.query(`UPDATE rate_buckets SET at = at - $1 * interval '1 ms'`, [ms]);
}

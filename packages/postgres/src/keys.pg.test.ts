import { randomBytes } from 'node:crypto';
import { NO_RATE_LIMITS } from '@hooklane/engine';
import { expect, test } from 'vitest';
import { by, ids, newOrg } from '../../../test/conformance/stores.ts';
import type { PostgresStores } from '../../../test/support/postgres-stores.ts';
import { createPostgresStores } from '../../../test/support/postgres-stores.ts';

async function newKey(stores: PostgresStores) {
  const org = await newOrg(stores);
  const hash = randomBytes(32);
  const rest = {
    orgId: org.id,
    name: 'k',
    hint: 'wxyz',
    scopes: [],
    rateLimits: NO_RATE_LIMITS,
    expiresAt: null,
    by,
  } as const;
  const key = await stores.keys.create({ id: ids.next('key'), ...rest, hash });
  const noteUse = (secondsAgo: number) =>
    stores.database.pool.query(`UPDATE api_keys SET last_used_at = now() - $2 * interval '1 s' WHERE id = $1`, [
      key.id,
      secondsAgo,
    ]);
  const lastUse = async () => (await stores.keys.get(org.id, key.id))?.lastUsedAt?.getTime() ?? 0;
  return { key, hash, noteUse, lastUse };
}

test('the use of a key is noted again when the note is a minute old', async () => {
  await using stores = await createPostgresStores();
  const { hash, noteUse, lastUse } = await newKey(stores);

  await noteUse(50);
  const recent = await lastUse();
  await stores.keys.authenticate(hash);
  expect(await lastUse()).toBe(recent);

  await noteUse(70);
  const stale = await lastUse();
  await stores.keys.authenticate(hash);
  expect(await lastUse()).toBeGreaterThan(stale + 60_000);
});

test('a caller is known at once while the note of its last use is locked', async () => {
  await using stores = await createPostgresStores();
  const { key, hash } = await newKey(stores);

  await stores.database.transaction(async (client) => {
    await client.query('SELECT FROM api_keys WHERE id = $1 FOR UPDATE', [key.id]);
    expect(await stores.keys.authenticate(hash)).toMatchObject({ keyId: key.id });
  });
});

test('a scope that this version does not know grants nothing', async () => {
  await using stores = await createPostgresStores();
  const { key, hash } = await newKey(stores);
  await stores.database.pool.query(`UPDATE api_keys SET scopes = '{events:write,world:rule}' WHERE id = $1`, [key.id]);

  expect((await stores.keys.authenticate(hash))?.scopes).toEqual(new Set(['events:write']));
});

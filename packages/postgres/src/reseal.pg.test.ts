import { randomBytes } from 'node:crypto';
import type { Operation } from '@hooklane/engine';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { by, ids, newOrg, newSecret, newWebhook } from '../../../test/conformance/stores.ts';
import { openTestDatabase } from '../../../test/support/database.ts';
import { createPostgresStores } from '../../../test/support/postgres-stores.ts';
import { until } from '../../../test/support/until.ts';
import { checkOldKeys, checkSealing } from './durability.ts';
import { createOperationStore } from './operations.ts';
import type { SealingKey } from './secret-box.ts';
import { createSecretBox } from './secret-box.ts';
import { createWebhookStore } from './webhooks.ts';

const [OLD, NEW, LOST]: [SealingKey, SealingKey, SealingKey] = [key('old'), key('2027-new'), key('lost')];
const FACTS = { subject: 'CN=x', fingerprint: 'AB:CD', notBeforeMs: 0, notAfterMs: 4_733_510_400_000 };
const SEALED = {
  headers: { 'x-token': ['s3cret'] },
  auth: { username: 'us', password: 'passw0rd' },
  clientCertificate: { certificate: 'the certificate', key: 'the key', facts: FACTS },
};

let stores: Awaited<ReturnType<typeof createPostgresStores>>;
let pool: (typeof stores)['database']['pool'];
beforeAll(async () => {
  stores = await createPostgresStores();
  pool = stores.database.pool;
});
afterAll(() => stores[Symbol.asyncDispose]());
beforeEach(async () => {
  await pool.query('TRUNCATE webhooks, webhook_secrets, operations');
});

test('everything that is sealed is sealed with the newest key, in bounded steps, and opens with it alone', async () => {
  const made = await sealedWebhooks([OLD], 7);
  const preview = { orgId: null, webhookId: null, task: { kind: 'reseal', keyId: NEW.id } } as const;
  expect(await stores.operations.preview(preview)).toBe(35);
  const operation = await start(NEW.id);
  expect(operation).toMatchObject({ total: 7, task: { kind: 'reseal', keyId: NEW.id } });

  const steps = await run(operation, [NEW, OLD], 3);

  expect(steps).toEqual([3, 3, 1]);
  expect(await stores.operations.preview(preview)).toBe(0);
  // Of each webhook two secrets, headers, basic auth and a certificate.
  expect(await stores.operations.get(null, operation.id)).toMatchObject({ state: 'done', examined: 7, moved: 35 });
  const reader = createWebhookStore(stores.database, createSecretBox([NEW]));
  for (const webhook of made) expect(await reader.get(webhook.orgId, webhook.id)).toEqual(webhook);
  expect((await rowsOfSecrets()).map(({ text }) => text)).toEqual(made.flatMap(() => ['first', 'second']));
  expect(await checkSealing(pool, [NEW.id])).toEqual({ problems: [], warnings: [] });
});

test('what is sealed with the newest key stays as it is, byte for byte', async () => {
  await sealedWebhooks([NEW], 2);
  const dump =
    'SELECT (SELECT string_agg(w::text, $$,$$) FROM webhooks w) || (SELECT string_agg(s::text, $$,$$) FROM webhook_secrets s) AS all';
  const { rows: before } = await pool.query(dump);
  const operation = await start(NEW.id);
  await run(operation, [NEW, OLD], 10);
  expect((await pool.query(dump)).rows).toEqual(before);
  expect(await stores.operations.get(null, operation.id)).toMatchObject({ examined: 2, moved: 0 });
});

test('a worker that seals with another key leaves it to one that has the right one', async () => {
  await sealedWebhooks([OLD], 1);
  const operation = await start(NEW.id);
  const stale = createOperationStore(stores.database, ids, createSecretBox([OLD]));
  await stale.advance({ stepMs: 1_000 });
  expect(await stores.operations.get(null, operation.id)).toMatchObject({ state: 'running', examined: 0 });
  await run(operation, [NEW, OLD], 10);
  expect((await checkSealing(pool, [NEW.id])).warnings).toEqual([]);
});

test('what no key opens stays as it is, and holds nothing else up', async () => {
  await sealedWebhooks([LOST], 1);
  await sealedWebhooks([OLD], 1);
  const operation = await start(NEW.id);
  await run(operation, [NEW, OLD], 10);
  expect(await stores.operations.get(null, operation.id)).toMatchObject({ state: 'done', examined: 2, moved: 5 });
  expect((await checkSealing(pool, [NEW.id, OLD.id])).warnings).toEqual([expect.stringContaining('"lost"')]);
});

test('changes that are made meanwhile are kept, whichever comes first', async () => {
  const made = await sealedWebhooks([OLD], 4);
  const writer = createWebhookStore(stores.database, createSecretBox([NEW, OLD]));
  const operation = await start(NEW.id);
  const auth = { username: 'us', password: 'changed' };
  await Promise.all([
    run(operation, [NEW, OLD], 1),
    ...made.map((webhook) => writer.change({ ...webhook, by }, (now) => ({ ...now, auth }))),
    ...made.map((webhook) => writer.rotateSecret({ ...webhook, by }, { secret: newSecret(), overlapMs: 60_000 })),
  ]);
  const reader = createWebhookStore(stores.database, createSecretBox([NEW]));
  for (const { orgId, id } of made) {
    expect(await reader.get(orgId, id)).toMatchObject({ auth, headers: SEALED.headers, version: 4 });
  }
  expect(await checkSealing(pool, [NEW.id])).toEqual({ problems: [], warnings: [] });
});

test('whoever replaces a key is told whether the old one is still needed', async () => {
  await sealedWebhooks([OLD], 2);
  const keyIds = [NEW.id, OLD.id];
  expect((await checkOldKeys(pool, keyIds)).warnings).toEqual([
    '10 secrets are still sealed with key "old", which "2027-new" has replaced',
  ]);
  await run(await start(NEW.id), [NEW, OLD], 10);
  expect((await checkOldKeys(pool, keyIds)).warnings).toEqual(['nothing is sealed with key "old" any more']);
  expect((await checkOldKeys(pool, [NEW.id])).warnings).toEqual([]);
});

test('an old certificate is noticed like everything else that is sealed', async () => {
  await sealedWebhooks([LOST], 1);
  await pool.query('UPDATE webhooks SET sealed_headers = NULL, sealed_auth = NULL');
  await pool.query('DELETE FROM webhook_secrets');
  expect((await checkSealing(pool, [NEW.id])).warnings).toEqual([expect.stringContaining('"lost"')]);
});

test('a database without tables is none to warn of', async () => {
  await using empty = await openTestDatabase();
  await empty.database.pool.query('DROP TABLE webhook_secrets');
  expect(await checkOldKeys(empty.database.pool, ['a', 'b'])).toEqual({
    problems: [],
    warnings: ['nothing is sealed with key "b" any more'],
  });
});

function key(id: string): SealingKey {
  return { id, key: randomBytes(32) };
}

async function sealedWebhooks(keys: [SealingKey, ...SealingKey[]], count: number) {
  const webhooks = createWebhookStore(stores.database, createSecretBox(keys));
  const org = await newOrg(stores);
  const made = [];
  for (let n = 0; n < count; n++) {
    const { id, orgId } = await newWebhook({ ...stores, webhooks }, org.id, SEALED);
    const rotated = await webhooks.rotateSecret(
      { orgId, id, by },
      { secret: newSecret('second'), overlapMs: 3_600_000 },
    );
    made.push(rotated ?? expect.fail('it cannot be read'));
  }
  return made;
}

async function rowsOfSecrets(): Promise<{ text: string }[]> {
  const box = createSecretBox([NEW]);
  const { rows } = await pool.query('SELECT * FROM webhook_secrets ORDER BY webhook_id, id');
  return rows.map((row) => {
    const opened = box.open(row.sealed, { orgId: row.org_id, webhookId: row.webhook_id, field: 'secret' });
    expect(opened.toString()).toMatch(/^whsec_/);
    return { text: row.tag ?? 'first' };
  });
}

async function start(keyId: string): Promise<Operation> {
  const task = { kind: 'reseal', keyId } as const;
  const operation = { id: ids.next('op'), orgId: null, webhookId: null, task, perSecond: 1_000, by };
  const started = await stores.operations.start(operation);
  return started === 'too_many' ? expect.fail('there are too many') : started;
}

/** How many webhooks each step looked at. */
async function run({ id }: Operation, keys: [SealingKey, ...SealingKey[]], stepMs: number): Promise<number[]> {
  const operations = createOperationStore(stores.database, ids, createSecretBox(keys));
  const steps: number[] = [];
  let examined = 0;
  await until(
    async () => {
      await pool.query('UPDATE operations SET next_step_at = now() WHERE id = $1', [id]);
      await operations.advance({ stepMs });
      const now = await operations.get(null, id);
      if (now !== null && now.examined > examined) steps.push(now.examined - examined);
      examined = now?.examined ?? 0;
      return now?.state === 'done';
    },
    { what: 'everything to be sealed anew' },
  );
  return steps;
}

import { randomBytes } from 'node:crypto';
import { DEFAULT_FAILURE_POLICY } from '@hooklane/domain';
import { createIdFactory } from '@hooklane/engine';
import { expect, test } from 'vitest';
import { openTestDatabase } from '../../../test/support/database.ts';
import { createDueStore } from './due-store.ts';
import { checkSealing } from './durability.ts';
import { createSecretBox } from './secret-box.ts';

const LOST = createSecretBox([{ id: 'lost', key: randomBytes(32) }]);
const OURS = createSecretBox([{ id: 'ours', key: randomBytes(32) }]);
const TIMES = { claimGraceMs: 15_000, enqueuedMs: 10_000 };

test('a webhook whose secret no key opens waits alone: what is due for others is claimed', async () => {
  await using test = await openTestDatabase();
  const { database } = test;
  const ids = createIdFactory();
  const unopened: string[] = [];
  const onUnopened = (webhook: string) => unopened.push(webhook);
  const due = createDueStore(database, { ids, box: OURS, ...TIMES, onSuspended: () => {}, onUnopened });
  const webhooks = { lost: ids.next('wh'), ours: ids.next('wh') };
  const orgId = ids.next('org');
  for (const [name, id] of Object.entries(webhooks)) {
    await database.pool.query(
      `INSERT INTO webhooks (id, org_id, name, url, events, failure_policy, timeout_ms, enabled)
       VALUES ($1, $2, $3, 'https://example.com/', '{*}', $4, 1000, true)`,
      [id, orgId, name, DEFAULT_FAILURE_POLICY],
    );
    const box = name === 'lost' ? LOST : OURS;
    await database.pool.query(
      `INSERT INTO webhook_secrets (id, webhook_id, org_id, kind, sealed, hint) VALUES ($1, $2, $3, 'whsec', $4, 'hint')`,
      [ids.next('sec'), id, orgId, box.seal(randomBytes(32), { orgId, webhookId: id, field: 'secret' })],
    );
    await database.pool.query(
      `INSERT INTO delivery_due (delivery_id, event_id, webhook_id, org_id, origin, attempt, round_first, due_at)
       VALUES ($1, $2, $3, $4, 'event', 1, 1, now())`,
      [ids.next('dlv'), ids.next('evt'), id, orgId],
    );
  }

  const claims = await due.take({ limit: 10, includeQueued: true });

  expect(claims.map((claim) => claim.webhookId)).toEqual([webhooks.ours]);
  expect(unopened).toEqual([webhooks.lost]);
  expect((await checkSealing(database.pool, ['ours'])).warnings).toEqual([expect.stringContaining('"lost"')]);
  expect(await checkSealing(database.pool, ['ours', 'lost'])).toEqual({ problems: [], warnings: [] });
});

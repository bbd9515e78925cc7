import { expect, test } from 'vitest';
import { newOrg, newWebhook } from '../../../test/conformance/stores.ts';
import { createPostgresStores } from '../../../test/support/postgres-stores.ts';
import { createCertificateFigures } from './certificate-expiries.ts';

const DAY_MS = 86_400_000;

test('webhooks are counted by the first of their certificates that ends, authorities and sealed ones alike', async () => {
  await using stores = await createPostgresStores();
  const { pool } = stores.database;
  const org = await newOrg(stores);
  const withCertificates = async (authorityDays: number | null, clientDays: number | null) => {
    const { id } = await newWebhook(stores, org.id);
    const bundle = authorityDays === null ? null : { pem: 'x', certificates: [endingIn(authorityDays)] };
    const client = clientDays === null ? null : { certificate: 'x', key: 'x', facts: endingIn(clientDays) };
    const context = { orgId: org.id, webhookId: id, field: 'client_certificate' } as const;
    const sealed = client && stores.box.seal(Buffer.from(JSON.stringify(client)), context);
    await pool.query('UPDATE webhooks SET ca_bundle = $2, sealed_client_certificate = $3 WHERE id = $1', [
      id,
      bundle,
      sealed,
    ]);
    return id;
  };
  await withCertificates(null, null);
  await withCertificates(-1, 400);
  await withCertificates(null, 3);
  await withCertificates(400, 20);
  await withCertificates(400, null);
  const suspended = await withCertificates(-1, -1);
  await pool.query(`UPDATE webhooks SET suspended_at = now(), suspended_reason = 'manual' WHERE id = $1`, [suspended]);
  const unopened = await withCertificates(null, -1);
  await pool.query(`UPDATE webhooks SET sealed_client_certificate = '\\x0161' WHERE id = $1`, [unopened]);

  const figures = createCertificateFigures(pool, stores.box);
  expect(await figures.expiries()).toEqual({ expired: 1, week: 1, month: 1, later: 1 });
});

function endingIn(days: number) {
  const notAfterMs = Date.now() + days * DAY_MS;
  return { subject: 'CN=x', fingerprint: 'AA', notBeforeMs: 0, notAfterMs };
}

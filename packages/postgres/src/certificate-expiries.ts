import type { CertificateFacts, Expiry, OrgId, WebhookId } from '@hooklane/domain';
import { expiryOf } from '@hooklane/domain';
import type { CertificateFigures } from '@hooklane/engine';
import type { Pool } from 'pg';
import { IS_ACTIVE } from './diverted-rows.ts';
import { caBundleColumn } from './json-columns.ts';
import type { SecretBox } from './secret-box.ts';
import { UnsealError } from './secret-box.ts';
import { openClientCertificate } from './webhook-rows.ts';

/** Opening is some microseconds each; all at once would hold up whoever shares the process. */
const PAGE = 200;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/** When the certificates of webhooks end. Those of clients are sealed: only who has the keys can tell. */
export function createCertificateFigures(pool: Pool, box: SecretBox): CertificateFigures {
  return {
    async expiries() {
      const counts: Record<Expiry, number> = { expired: 0, week: 0, month: 0, later: 0 };
      let after: string | undefined = BEFORE_ALL;
      while (after !== undefined) {
        const { rows }: { rows: Row[] } = await pool.query<Row>(CERTIFICATES, [after, PAGE]);
        for (const row of rows) {
          const expiry = expiryOf(certificatesOf(box, row), row.now_ms);
          if (expiry !== null) counts[expiry]++;
        }
        after = rows.length === PAGE ? rows.at(-1)?.id : undefined;
      }
      return counts;
    },
  };
}

interface Row {
  id: WebhookId;
  org_id: OrgId;
  ca_bundle: unknown;
  client_certificate: Buffer | null;
  now_ms: number;
}

const CERTIFICATES = `
  SELECT w.id, w.org_id, w.ca_bundle, w.sealed_client_certificate AS client_certificate,
         (extract(epoch FROM now()) * 1000)::float8 AS now_ms
  FROM webhooks w
  WHERE w.id > $1 AND (w.ca_bundle IS NOT NULL OR w.sealed_client_certificate IS NOT NULL) AND ${IS_ACTIVE}
  ORDER BY w.id LIMIT $2`;

function certificatesOf(box: SecretBox, row: Row): CertificateFacts[] {
  const authorities = row.ca_bundle === null ? [] : caBundleColumn.parse(row.ca_bundle).certificates;
  return [...authorities, ...clientCertificateOf(box, row)];
}

function clientCertificateOf(
  box: SecretBox,
  { org_id: orgId, id, client_certificate: sealed }: Row,
): CertificateFacts[] {
  try {
    const facts = openClientCertificate(box, { orgId, id }, sealed)?.facts;
    return facts ? [facts] : [];
  } catch (error) {
    // Nothing is sent with it, and that is told elsewhere.
    if (error instanceof UnsealError) return [];
    throw error;
  }
}

import { createHash } from 'node:crypto';
import type { Destination, FailurePolicy, OrgId, SecretKind, SigningKey, WebhookId } from '@hooklane/domain';
import { basicAuthorization, hostOfUrl, NO_BRAND, signingKey } from '@hooklane/domain';
import type { Pool } from 'pg';
import { named } from './database.ts';
import { orgSettingsColumn } from './json-columns.ts';
import { LruMap } from './lru-map.ts';
import type { SecretBox } from './secret-box.ts';
import { UnsealError } from './secret-box.ts';
import type { WebhookKey } from './webhook-rows.ts';
import { openAuth, openClientCertificate, openHeaders } from './webhook-rows.ts';

/** What attempts to a webhook need, opened and decoded once per version of the webhook. */
export interface LoadedWebhook {
  version: number;
  destination: Destination;
  /** Newest first; none where nothing is to be signed. */
  keys: ReadonlyArray<{ key: SigningKey; expiresAtMs: number }>;
}

/** Which version of which webhook a claim was made under. */
export interface WebhookRef {
  id: WebhookId;
  version: number;
}

export interface WebhookCache {
  /**
   * Versions at least as new as asked for. A webhook that is gone is missing from the answer; one that cannot be opened
   * is there as its error, so that it fails alone.
   */
  load(refs: readonly WebhookRef[]): Promise<ReadonlyMap<WebhookId, LoadedWebhook | UnsealError>>;
}

const CACHED = 20_000;

export function createWebhookCache(pool: Pool, box: SecretBox): WebhookCache {
  const cache = new LruMap<WebhookId, LoadedWebhook>(CACHED);
  return {
    async load(refs) {
      const loaded = new Map<WebhookId, LoadedWebhook | UnsealError>();
      const missing = new Set<WebhookId>();
      for (const { id, version } of refs) {
        const cached = cache.get(id);
        if (cached !== undefined && cached.version >= version) loaded.set(id, cached);
        else missing.add(id);
      }
      if (missing.size === 0) return loaded;
      for (const [id, webhook] of await read(pool, box, [...missing])) {
        // Not remembered when it failed: the key may be configured at the next start of another process.
        if (!(webhook instanceof UnsealError)) cache.set(id, webhook);
        loaded.set(id, webhook);
      }
      return loaded;
    },
  };
}

const loadStatement = named(
  'load_webhooks',
  `SELECT w.id, w.org_id, w.version, w.url, w.sealed_headers, w.sealed_auth, w.verify_tls, w.ca_bundle ->> 'pem' AS ca_bundle,
          w.sealed_client_certificate, w.failure_policy, w.timeout_ms, w.rate_limit, w.max_in_flight,
          w.number::float8 AS number, coalesce(o.number, 0)::float8 AS org_number, o.settings AS org_settings, s.kinds, s.sealed AS secrets, s.expiries
   FROM webhooks w
   LEFT JOIN LATERAL (SELECT number, settings FROM orgs WHERE id = w.org_id LIMIT 1) o ON true
   LEFT JOIN LATERAL (
     SELECT array_agg(kind ORDER BY expires_at DESC NULLS FIRST, id DESC) AS kinds,
            array_agg(sealed ORDER BY expires_at DESC NULLS FIRST, id DESC) AS sealed,
            array_agg((extract(epoch FROM expires_at) * 1000)::float8 ORDER BY expires_at DESC NULLS FIRST, id DESC) AS expiries
     FROM webhook_secrets WHERE webhook_id = w.id AND w.signing
   ) s ON true
   WHERE w.id = ANY($1::uuid[])`,
);

interface WebhookRow {
  id: WebhookId;
  org_id: OrgId;
  version: number;
  url: string;
  sealed_headers: Buffer | null;
  sealed_auth: Buffer | null;
  verify_tls: boolean;
  ca_bundle: string | null;
  sealed_client_certificate: Buffer | null;
  failure_policy: FailurePolicy;
  timeout_ms: number;
  rate_limit: number | null;
  max_in_flight: number | null;
  number: number;
  org_number: number;
  org_settings: unknown;
  kinds: SecretKind[] | null;
  secrets: Buffer[] | null;
  expiries: Array<number | null> | null;
}

async function read(pool: Pool, box: SecretBox, ids: WebhookId[]): Promise<[WebhookId, LoadedWebhook | UnsealError][]> {
  const { rows } = await pool.query<WebhookRow>(loadStatement([ids]));
  return rows.map((row) => [row.id, openOrFail(box, row)]);
}

function openOrFail(box: SecretBox, row: WebhookRow): LoadedWebhook | UnsealError {
  try {
    return open(box, row);
  } catch (error) {
    if (error instanceof UnsealError) return error;
    throw error;
  }
}

function open(box: SecretBox, row: WebhookRow): LoadedWebhook {
  const key = { orgId: row.org_id, id: row.id };
  return {
    version: row.version,
    destination: {
      url: row.url,
      headers: ownHeaders(box, row),
      timeoutMs: row.timeout_ms,
      host: hostOfUrl(row.url),
      limits: { perSecond: row.rate_limit, maxInFlight: row.max_in_flight },
      tls: tlsOf(box, row),
      policy: row.failure_policy,
      numbers: { webhook: row.number, org: row.org_number },
      brand: row.org_settings === null ? NO_BRAND : orgSettingsColumn.parse(row.org_settings).brand,
    },
    keys: (row.secrets ?? []).map((sealed, i) => ({
      key: signingKey(row.kinds?.[i] ?? 'text', openSecret(box, key, sealed)),
      expiresAtMs: row.expiries?.[i] ?? Number.POSITIVE_INFINITY,
    })),
  };
}

/** One value as text, several as a list; user name and password among them. */
function ownHeaders(box: SecretBox, row: WebhookRow): Destination['headers'] {
  const key = { orgId: row.org_id, id: row.id };
  const headers = Object.entries(openHeaders(box, key, row.sealed_headers)).map(
    ([name, values]): [string, string | string[]] => [name, values.length === 1 ? (values[0] ?? '') : values],
  );
  const auth = openAuth(box, key, row.sealed_auth);
  if (auth !== null) headers.push(['authorization', basicAuthorization(auth)]);
  return Object.fromEntries(headers);
}

/**
 * The id covers all there is of it and the webhook, so that no two webhooks share a socket, and a webhook keeps its own
 * through changes that have nothing to do with TLS.
 */
function tlsOf(box: SecretBox, row: WebhookRow): Destination['tls'] {
  const { verify_tls: verify, ca_bundle: authorities, sealed_client_certificate: sealed } = row;
  if (verify && authorities === null && sealed === null) return null;
  const opened = openClientCertificate(box, { orgId: row.org_id, id: row.id }, sealed);
  const clientCertificate = opened && { certificate: opened.certificate, key: opened.key };
  const all = JSON.stringify([row.id, verify, authorities, clientCertificate]);
  return { id: createHash('sha256').update(all).digest('base64'), verify, authorities, clientCertificate };
}

function openSecret(box: SecretBox, { orgId, id }: WebhookKey, sealed: Buffer): string {
  return box.open(sealed, { orgId, webhookId: id, field: 'secret' }).toString();
}

import type { BasicAuth, JudgedClientCertificate, OrgId, Outcome, SuspendReason, WebhookId } from '@hooklane/domain';
import { DomainError, encodingNumber, encodingOf, formatId } from '@hooklane/domain';
import type { Webhook, WebhookSettings } from '@hooklane/engine';
import type { ClientBase } from 'pg';
import { microsOf } from './cursor.ts';
import type { Database } from './database.ts';
import {
  basicAuthColumn,
  caBundleColumn,
  clientCertificateColumn,
  failurePolicyColumn,
  listsColumn,
  pauseColumn,
  secretRows,
} from './json-columns.ts';
import { pauseOf } from './pauses.ts';
import type { SealContext, SecretBox } from './secret-box.ts';

/** What the parts of the webhook store work with. */
export interface WebhookContext {
  database: Database;
  box: SecretBox;
}

/** Names one webhook; another org's is as unknown as one that never was. */
export interface WebhookKey {
  orgId: OrgId;
  id: WebhookId;
}

export interface WebhookRow {
  id: WebhookId;
  org_id: OrgId;
  number: number;
  version: number;
  name: string;
  description: string | null;
  url: string;
  events: string[];
  encoding: number;
  signing: boolean;
  filters: unknown;
  sealed_headers: Buffer | null;
  sealed_auth: Buffer | null;
  verify_tls: boolean;
  ca_bundle: unknown;
  sealed_client_certificate: Buffer | null;
  failure_policy: unknown;
  timeout_ms: number;
  rate_limit: number | null;
  max_in_flight: number | null;
  enabled: boolean;
  suspended_at: Date | null;
  suspended_reason: SuspendReason | null;
  created_at: Date;
  paused: unknown;
  created_micros: number;
  updated_at: Date;
  secrets: unknown;
  last_at: Date | null;
  last_outcome: Outcome['kind'] | null;
  last_status: number | null;
}

/**
 * Webhooks out of `source`: the table, or the page of it that is wanted, so that nothing is looked up for rows that are not.
 * The secret without an end is the one in use. Ends before its WHERE clause.
 */
export function selectWebhooks(source: string): string {
  return `
  SELECT w.id, w.org_id, w.number::float8 AS number, w.version, w.name, w.description, w.url, w.events, w.encoding, w.signing,
         w.filters, w.sealed_headers, w.sealed_auth, w.verify_tls, w.ca_bundle, w.sealed_client_certificate,
         w.failure_policy, w.timeout_ms, w.rate_limit, w.max_in_flight, w.enabled, w.suspended_at, w.suspended_reason, w.created_at, w.updated_at, ${microsOf('w.created_at')} AS created_micros,
         ${pauseOf('w.org_id', 'w.id')} AS paused, s.secrets, a.started_at AS last_at, a.outcome AS last_outcome, a.status AS last_status
  FROM ${source} w
  LEFT JOIN LATERAL (
    SELECT json_agg(
             json_build_object('id', id, 'kind', kind, 'hint', hint, 'tag', tag, 'publicKey', public_key,
                               'createdAt', created_at, 'expiresAt', expires_at)
             ORDER BY expires_at DESC NULLS FIRST, id DESC
           ) AS secrets
    FROM webhook_secrets
    WHERE webhook_id = w.id AND org_id = w.org_id AND (expires_at IS NULL OR expires_at > now())
  ) s ON true
  LEFT JOIN LATERAL (
    SELECT started_at, outcome, status FROM attempts WHERE webhook_id = w.id AND org_id = w.org_id
    ORDER BY id DESC LIMIT 1
  ) a ON true`;
}

const ONE_WEBHOOK = `${selectWebhooks('webhooks')} WHERE w.org_id = $1 AND w.id = $2 AND w.deleted_at IS NULL`;

export async function readWebhook(
  client: Pick<ClientBase, 'query'>,
  box: SecretBox,
  { orgId, id }: WebhookKey,
): Promise<Webhook | null> {
  const { rows } = await client.query<WebhookRow>(ONE_WEBHOOK, [orgId, id]);
  const [row] = rows;
  return row === undefined ? null : toWebhook(row, box);
}

export function toWebhook(row: WebhookRow, box: SecretBox): Webhook {
  const { suspended_at: at, suspended_reason: reason, last_at: lastAt, last_outcome: outcome } = row;
  const key = { orgId: row.org_id, id: row.id };
  return {
    ...key,
    number: row.number,
    version: row.version,
    name: row.name,
    description: row.description,
    url: row.url,
    events: row.events,
    filters: row.filters === null ? null : listsColumn.parse(row.filters),
    headers: openHeaders(box, key, row.sealed_headers),
    auth: openAuth(box, key, row.sealed_auth),
    verifyTls: row.verify_tls,
    caBundle: row.ca_bundle === null ? null : caBundleColumn.parse(row.ca_bundle),
    clientCertificate: openClientCertificate(box, key, row.sealed_client_certificate),
    ...encodingSettings(row),
    signing: row.signing,
    enabled: row.enabled,
    failurePolicy: failurePolicyColumn.parse(row.failure_policy),
    timeoutMs: row.timeout_ms,
    rateLimit: row.rate_limit,
    maxInFlight: row.max_in_flight,
    suspended: at === null || reason === null ? null : { at, reason },
    paused: pauseColumn.parse(row.paused),
    secrets: row.secrets === null ? [] : secretRows.parse(row.secrets),
    lastDelivery: lastAt === null || outcome === null ? null : { at: lastAt, outcome, status: row.last_status },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** The values of the columns a user decides, in the order of {@link SETTINGS_COLUMNS}. */
export function settingsValues(box: SecretBox, key: WebhookKey, settings: WebhookSettings): unknown[] {
  const { filters, headers, auth, clientCertificate } = settings;
  return [
    settings.name,
    settings.description,
    settings.url,
    settings.events,
    encodingNumber(settings),
    settings.signing,
    filters === null ? null : JSON.stringify(filters),
    Object.keys(headers).length === 0 ? null : seal(box, key, { field: 'headers', value: headers }),
    auth === null ? null : seal(box, key, { field: 'auth', value: auth }),
    settings.verifyTls,
    settings.caBundle === null ? null : JSON.stringify(settings.caBundle),
    clientCertificate && seal(box, key, { field: 'client_certificate', value: clientCertificate }),
    JSON.stringify(settings.failurePolicy),
    settings.timeoutMs,
    settings.rateLimit,
    settings.maxInFlight,
    settings.enabled,
  ];
}

export const SETTINGS_COLUMNS = [
  'name',
  'description',
  'url',
  'events',
  'encoding',
  'signing',
  'filters',
  'sealed_headers',
  'sealed_auth',
  'verify_tls',
  'ca_bundle',
  'sealed_client_certificate',
  'failure_policy',
  'timeout_ms',
  'rate_limit',
  'max_in_flight',
  'enabled',
] as const;

/** What a user decided about a webhook, without what came of it. */
export function settingsOf(webhook: WebhookSettings): WebhookSettings {
  const { name, description, url, events, filters, headers, auth, profile, contentType, signing } = webhook;
  const { enabled, failurePolicy, timeoutMs, rateLimit, maxInFlight } = webhook;
  const { verifyTls, caBundle, clientCertificate } = webhook;
  const sent = { url, headers, auth, profile, contentType, signing, timeoutMs, rateLimit, maxInFlight };
  const tls = { verifyTls, caBundle, clientCertificate };
  return { name, description, events, filters, ...sent, ...tls, enabled, failurePolicy };
}

export function openAuth(box: SecretBox, key: WebhookKey, sealed: Buffer | null): BasicAuth | null {
  return sealed === null ? null : basicAuthColumn.parse(open(box, key, { field: 'auth', sealed }));
}

export function openClientCertificate(
  box: SecretBox,
  key: WebhookKey,
  sealed: Buffer | null,
): JudgedClientCertificate | null {
  return sealed && clientCertificateColumn.parse(open(box, key, { field: 'client_certificate', sealed }));
}

export function openHeaders(box: SecretBox, key: WebhookKey, sealed: Buffer | null): Record<string, string[]> {
  return sealed === null ? {} : listsColumn.parse(open(box, key, { field: 'headers', sealed }));
}

/**
 * A newer version has written it, and runs beside this one or was taken back. To leave the webhook out of lists would make people
 * create it again, and any other value would be stored with the next change.
 */
function encodingSettings({ id, encoding: number }: WebhookRow): Pick<WebhookSettings, 'profile' | 'contentType'> {
  const encoding = encodingOf(number);
  if (encoding === null) {
    const detail = `${formatId('wh', id)} has a profile or content type that this version does not know.`;
    throw new DomainError('newer_version', detail);
  }
  return { profile: encoding.profile.name, contentType: encoding.contentType };
}

function seal(
  box: SecretBox,
  { orgId, id }: WebhookKey,
  { field, value }: { field: SealContext['field']; value: unknown },
): Buffer {
  return box.seal(Buffer.from(JSON.stringify(value)), { orgId, webhookId: id, field });
}

function open(
  box: SecretBox,
  { orgId, id }: WebhookKey,
  { field, sealed }: { field: SealContext['field']; sealed: Buffer },
): unknown {
  return JSON.parse(box.open(sealed, { orgId, webhookId: id, field }).toString());
}

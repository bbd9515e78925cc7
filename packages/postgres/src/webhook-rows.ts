import type { OrgId, Outcome, SuspendReason, WebhookId } from '@hooklane/domain';
import type { Webhook, WebhookSettings } from '@hooklane/engine';
import type { ClientBase } from 'pg';
import { microsOf } from './cursor.ts';
import type { Database } from './database.ts';
import { failurePolicyColumn, listsColumn } from './json-columns.ts';
import type { SecretBox } from './secret-box.ts';

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
  name: string;
  description: string | null;
  url: string;
  events: string[];
  filters: unknown;
  sealed_headers: Buffer | null;
  failure_policy: unknown;
  timeout_ms: number;
  enabled: boolean;
  suspended_at: Date | null;
  suspended_reason: SuspendReason | null;
  created_at: Date;
  created_micros: number;
  updated_at: Date;
  secret_hint: string | null;
  last_at: Date | null;
  last_outcome: Outcome['kind'] | null;
  last_status: number | null;
}

/** Ends before its WHERE clause. The newest secret is the one without an end. */
export const SELECT_WEBHOOKS = `
  SELECT w.id, w.org_id, w.name, w.description, w.url, w.events, w.filters, w.sealed_headers, w.failure_policy,
         w.timeout_ms, w.enabled, w.suspended_at, w.suspended_reason, w.created_at, w.updated_at,
         ${microsOf('w.created_at')} AS created_micros,
         s.hint AS secret_hint, a.started_at AS last_at, a.outcome AS last_outcome, a.status AS last_status
  FROM webhooks w
  LEFT JOIN LATERAL (
    SELECT hint FROM webhook_secrets WHERE webhook_id = w.id AND org_id = w.org_id AND expires_at IS NULL
    ORDER BY id DESC LIMIT 1
  ) s ON true
  LEFT JOIN LATERAL (
    SELECT started_at, outcome, status FROM attempts WHERE webhook_id = w.id AND org_id = w.org_id
    ORDER BY id DESC LIMIT 1
  ) a ON true`;

export async function readWebhook(
  client: Pick<ClientBase, 'query'>,
  box: SecretBox,
  { orgId, id }: WebhookKey,
): Promise<Webhook | null> {
  const { rows } = await client.query<WebhookRow>(
    `${SELECT_WEBHOOKS} WHERE w.org_id = $1 AND w.id = $2 AND w.deleted_at IS NULL`,
    [orgId, id],
  );
  const [row] = rows;
  return row === undefined ? null : toWebhook(row, box);
}

export function toWebhook(row: WebhookRow, box: SecretBox): Webhook {
  const { suspended_at: at, suspended_reason: reason, last_at: lastAt, last_outcome: outcome } = row;
  return {
    id: row.id,
    orgId: row.org_id,
    name: row.name,
    description: row.description,
    url: row.url,
    events: row.events,
    filters: row.filters === null ? null : listsColumn.parse(row.filters),
    headers: openHeaders(box, { orgId: row.org_id, id: row.id }, row.sealed_headers),
    enabled: row.enabled,
    failurePolicy: failurePolicyColumn.parse(row.failure_policy),
    timeoutMs: row.timeout_ms,
    suspended: at === null || reason === null ? null : { at, reason },
    secretHint: row.secret_hint,
    lastDelivery: lastAt === null || outcome === null ? null : { at: lastAt, outcome, status: row.last_status },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** The values of the columns a user decides, in this order: see {@link SETTINGS_COLUMNS}. */
export function settingsValues(box: SecretBox, key: WebhookKey, settings: WebhookSettings): unknown[] {
  const { filters } = settings;
  return [
    settings.name,
    settings.description,
    settings.url,
    settings.events,
    filters === null ? null : JSON.stringify(filters),
    sealHeaders(box, key, settings.headers),
    JSON.stringify(settings.failurePolicy),
    settings.timeoutMs,
    settings.enabled,
  ];
}

export const SETTINGS_COLUMNS =
  'name, description, url, events, filters, sealed_headers, failure_policy, timeout_ms, enabled';

/** What a user decided about a webhook, without what came of it. */
export function settingsOf(webhook: Webhook): WebhookSettings {
  const { name, description, url, events, filters, headers, enabled, failurePolicy, timeoutMs } = webhook;
  return { name, description, url, events, filters, headers, enabled, failurePolicy, timeoutMs };
}

function sealHeaders(box: SecretBox, { orgId, id }: WebhookKey, headers: Webhook['headers']): Buffer | null {
  if (Object.keys(headers).length === 0) return null;
  return box.seal(Buffer.from(JSON.stringify(headers)), { orgId, webhookId: id, field: 'headers' });
}

function openHeaders(box: SecretBox, { orgId, id }: WebhookKey, sealed: Buffer | null): Webhook['headers'] {
  if (sealed === null) return {};
  return listsColumn.parse(JSON.parse(box.open(sealed, { orgId, webhookId: id, field: 'headers' }).toString()));
}

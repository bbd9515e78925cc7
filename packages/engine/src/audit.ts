import type { AuditId, KeyId, OrgId, WebhookId } from '@hooklane/domain';
import type { Page, PageRequest } from './paging.ts';

/**
 * Who changed what, when. Every change of configuration, and every act that cannot be undone, leaves an entry:
 *
 * 1. A door makes an {@link Author} (the API: `authorOf(request)`; what we do by ourselves: {@link SYSTEM}).
 * 2. It travels into the store's method as `by`, together with the ids of what is changed.
 * 3. The store makes the {@link AuditEntry} from what it read and wrote under its lock, and writes it in the SAME
 *    transaction: in `packages/postgres` with `noteChange(client, entry)`, in the memory stores with the function of the
 *    same name. An entry without its change, or a change without its entry, cannot be.
 *
 * What turns out to be no change (an unknown id, a webhook suspended already) leaves none. To add a kind of change, add its
 * name to {@link AUDIT_ACTIONS}.
 */
export interface AuditEntry {
  /** The org it is about; null for what the operator does across orgs. */
  orgId: OrgId | null;
  by: Author;
  action: AuditAction;
  /** What was changed, as it is named outside: `wh_…`, `key_…`, an event type. */
  target: string;
  /** The fields that have other values now, as the API names them. Never their values. */
  fields?: readonly string[];
  /** What a reader wants to know at once: a name, a reason, a URL through {@link auditedUrl}. Nothing secret. */
  details?: Readonly<Record<string, string>>;
}

/** Who makes a change, and in which request. */
export interface Author {
  actor: Actor;
  /** Null where no request asked for it. */
  requestId: string | null;
}

/** `system`: nobody asked; a rule of ours did it. The name of a key is kept since the key may be gone by the time of reading. */
export type Actor = { kind: 'operator' } | { kind: 'system' } | { kind: 'key'; id: KeyId; name: string };

export const SYSTEM: Author = { actor: { kind: 'system' }, requestId: null };

/** Names a webhook that is changed, and says who does it. Another org's is as unknown as one that never was. */
export interface ChangedWebhook {
  orgId: OrgId;
  id: WebhookId;
  by: Author;
}

export const AUDIT_ACTIONS = [
  'org.created',
  'org.updated',
  'org.deleted',
  'org.paused',
  'org.resumed',
  'key.created',
  'key.revoked',
  'webhook.created',
  'webhook.updated',
  'webhook.enabled',
  'webhook.disabled',
  'webhook.suspended',
  'webhook.unsuspended',
  'webhook.paused',
  'webhook.resumed',
  'webhook.deleted',
  'secret.rotated',
  'secret.removed',
  'event_type.created',
  'event_type.updated',
  'event_type.deleted',
  'operation.started',
  'operation.cancelled',
  'deliveries.hastened',
  'deliveries.cancelled',
  'deliveries.paused',
  'deliveries.resumed',
  'diverted.deleted',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** An entry as it was written. */
export interface AuditRecord {
  id: AuditId;
  at: Date;
  /** With the slug it had; null for what the operator did across orgs. */
  org: { id: OrgId; slug: string } | null;
  actor: Actor;
  requestId: string | null;
  action: string;
  target: string;
  fields: readonly string[];
  details: Readonly<Record<string, string>>;
}

/** All that is given must fit. */
export interface AuditFilter {
  orgId?: OrgId | undefined;
  /** Orgs that had this slug, deleted ones too. */
  orgSlug?: string | undefined;
  /** A key by its id, or a kind of actor. */
  actor?: KeyId | 'operator' | 'system' | undefined;
  action?: string | undefined;
  target?: string | undefined;
  /** Included. */
  since?: Date | undefined;
  /** Not included. */
  until?: Date | undefined;
}

/** Reads the trail. There is no way to write but with a change, and none to change what was written. */
export interface AuditLog {
  /** Newest first; without an org in the filter, of all. */
  list(filter: AuditFilter, page: PageRequest): Promise<Page<AuditRecord>>;
}

/** The top-level fields in which two values differ, as the API names them: `timeoutMs` is `timeout_ms`. */
export function changedFields<T extends object>(before: T, after: T): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof T & string>;
  return [...names].filter((name) => !isSame(before[name], after[name])).map(snakeCase);
}

/** Where a URL leads, without what people put credentials into: user info, path, query and fragment. */
export function auditedUrl(url: string): string {
  const { origin, pathname, search } = new URL(url);
  return pathname === '/' && search === '' ? `${origin}/` : `${origin}/…`;
}

/** Of plain values, as settings are. The order of keys is nobody's intention. */
function isSame(one: unknown, other: unknown): boolean {
  return sorted(one) === sorted(other);
}

function sorted(value: unknown): string | undefined {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

import type { FailurePolicy } from './failure-policy.ts';
import { isOperational } from './operational-events.ts';
import type { ThrottleRules } from './throttle.ts';
import type { TlsSettings } from './tls-settings.ts';

/** What decides whether an event is for a webhook. */
export interface Subscription {
  /** Event types or patterns: `invoice.paid`, `invoice.*`, `*`. Empty: none. */
  events: readonly string[];
  /** Attribute name → allowed values. All named attributes must match; null matches every event. */
  filters: Readonly<Record<string, readonly string[]>> | null;
}

/** True when the event is of a subscribed type and its attributes pass every filter. */
export function matches(
  subscription: Subscription,
  event: { type: string; attributes: Readonly<Record<string, string>> },
): boolean {
  return (
    subscription.events.some((pattern) => matchesType(pattern, event.type)) && passes(subscription, event.attributes)
  );
}

/**
 * `invoice.*` covers `invoice.paid` and `invoice.line.added`, but not `invoice` itself; `*` covers all that producers
 * publish, and nothing that we tell of ourselves.
 */
export function matchesType(pattern: string, type: string): boolean {
  if (pattern === '*') return !isOperational(type);
  if (pattern.endsWith('.*')) return type.startsWith(pattern.slice(0, -1));
  return pattern === type;
}

/** Whether anything may be sent to a webhook now, and what becomes of its deliveries if not. */
export type Standing = 'active' | 'suspended' | 'disabled' | 'deleted';

/** Deleted wins over disabled, disabled over suspended: the strongest wish of a person comes first. */
export function standingOf(webhook: { enabled: boolean; suspended: boolean; deleted: boolean }): Standing {
  if (webhook.deleted) return 'deleted';
  if (!webhook.enabled) return 'disabled';
  return webhook.suspended ? 'suspended' : 'active';
}

/** How one request to a webhook is made; what an attempt needs to know of it. */
export interface Destination {
  url: string;
  /** Names in lower case; a list is sent as repeated lines. */
  headers: Readonly<Record<string, string | readonly string[]>>;
  timeoutMs: number;
  /** Of the URL, without port; empty where there is no URL. What all webhooks there get together is limited. */
  host: string;
  /** The webhook's own, over all workers. */
  limits: ThrottleRules;
  /** Null: verified against the public authorities, no certificate of its own. */
  tls: TlsSettings | null;
  policy: FailurePolicy;
  /** Integer aliases of webhook and org, for receivers that want numbers. */
  numbers: { webhook: number; org: number };
  brand: Brand;
}

/** How an org wants its requests to look. */
export interface Brand {
  /** Stands in the place of `webhook` in the names of the standard headers. Null: no brand. */
  headerPrefix: string | null;
  /** Null: that of the operator. */
  userAgent: string | null;
}

export const NO_BRAND: Brand = { headerPrefix: null, userAgent: null };

function passes(subscription: Subscription, attributes: Readonly<Record<string, string>>): boolean {
  if (subscription.filters === null) return true;
  return Object.entries(subscription.filters).every(([name, allowed]) => {
    const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    return value !== undefined && allowed.includes(value);
  });
}

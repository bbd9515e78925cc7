/**
 * What Hooklane tells of itself, as events of the org. A webhook gets them that subscribes to them by name
 * (`hooklane.*`), never one that subscribes to `*`; producers cannot publish them. Nothing is told of webhooks that
 * subscribe to any of them: a broken one would tell itself, for ever, that it is broken.
 */
export const OPERATIONAL_TYPES = [
  'hooklane.webhook.suspended',
  'hooklane.webhook.failing',
  'hooklane.delivery.diverted',
  'hooklane.secret.rotated',
] as const;

export type OperationalType = (typeof OPERATIONAL_TYPES)[number];

const PREFIX = 'hooklane.';

/** True for a type, or a pattern, that is reserved for what we tell of ourselves. */
export function isOperational(typeOrPattern: string): boolean {
  return typeOrPattern.startsWith(PREFIX);
}

/** Every pattern that covers some of them, `*` aside. */
export const OPERATIONAL_PATTERNS: readonly string[] = [
  ...new Set(OPERATIONAL_TYPES.flatMap((type) => [...prefixesOf(type).map((prefix) => `${prefix}.*`), type])),
];

function prefixesOf(type: string): string[] {
  const parts = type.split('.');
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('.'));
}

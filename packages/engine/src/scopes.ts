export const SCOPES = [
  'org:read',
  'events:write',
  'events:read',
  'event-types:write',
  'event-types:read',
  'webhooks:read',
  'webhooks:list',
  'webhooks:create',
  'webhooks:update',
  'webhooks:delete',
  'deliveries:read',
  'deliveries:resend',
  'diverted:read',
  'diverted:list',
  'diverted:resend',
  'diverted:delete',
  'stats:read',
  'audit:read',
] as const;

/** What a key may do. Which route asks for which stands in the routes themselves. */
export type Scope = (typeof SCOPES)[number];

/**
 * The tables. What drizzle cannot say (day partitions, storage parameters) is written by hand into the first migration.
 */

export { alertMarks, auditLog } from './audit.ts';
export { divertedEvents } from './diverted.ts';
export { eventTypeSchemas, eventTypes } from './event-types.ts';
export { attempts, deliveries, events, eventsKept, idempotencyKeys } from './history.ts';
export { operations } from './operations.ts';
export { apiKeys, orgs } from './orgs.ts';
export { rateBuckets } from './rate-buckets.ts';
export { stats } from './stats.ts';
export { webhookSecrets, webhooks } from './webhooks.ts';
export { deliveryDue, pauses, webhookHealth } from './work.ts';

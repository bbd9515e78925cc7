// A version after this one, as far as others meet it: in tables, jobs, signals and the bytes it sends. It is made of these sources: a
// change of them that takes away what is edited here is told by test/house/next-version.test.ts.
import type { Edit } from '../faults/mutations/mutation.ts';

/** Its migration. Such as may be made while this version runs: it adds, and what is added needs nobody to write it. */
export const EXPANSION = [
  ...['events', 'events_kept', 'deliveries', 'delivery_due', 'attempts', 'webhooks'].map(
    (table) => `ALTER TABLE ${table} ADD COLUMN told_by text, ADD COLUMN also_new int NOT NULL DEFAULT 7`,
  ),
  'CREATE TABLE of_the_next_version (id int)',
  `INSERT INTO drizzle.__drizzle_migrations (hash, created_at)
   SELECT 'next', max(created_at) + 1 FROM drizzle.__drizzle_migrations`,
];

export const NEXT_VERSION: readonly Edit[] = [
  // Says more in its jobs and signals …
  {
    file: 'packages/queue/src/job.ts',
    from: 'data: [deliveryId, webhookId, attempt],',
    to: "data: [deliveryId, webhookId, attempt, { by: 'next' }],",
  },
  { file: 'packages/postgres/src/wake.ts', from: "[CHANNEL, '']", to: "[CHANNEL, 'next']" },
  // … in its rows …
  {
    file: 'packages/postgres/src/accept-events.ts',
    from: 'INSERT INTO events (id,',
    to: 'INSERT INTO events (told_by, id,',
  },
  {
    file: 'packages/postgres/src/accept-events.ts',
    from: 'SELECT event_id, org_id, external_id, type, attributes::jsonb,',
    to: "SELECT 'next', event_id, org_id, external_id, type, attributes::jsonb,",
  },
  {
    file: 'packages/postgres/src/due-records.ts',
    from: 'INSERT INTO attempts (webhook_id,',
    to: 'INSERT INTO attempts (told_by, webhook_id,',
  },
  {
    file: 'packages/postgres/src/due-records.ts',
    from: 'SELECT h.webhook_id, s.id, h.org_id,',
    to: "SELECT 'next', h.webhook_id, s.id, h.org_id,",
  },
  // … and in their JSON …
  {
    file: 'packages/postgres/src/webhook-rows.ts',
    from: 'JSON.stringify(settings.failurePolicy)',
    to: 'JSON.stringify({ ...settings.failurePolicy, toldBy: "next" })',
  },
  // … and sends other bytes to the webhooks that are made with it.
  {
    file: 'packages/domain/src/profiles/encoding.ts',
    from: '/** The newest profile of that name. */',
    to: '(PROFILES as Profile[]).push({ ...standard });',
  },
];

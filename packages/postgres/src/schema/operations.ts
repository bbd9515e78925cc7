import type { OperationId, OperationKind, OperationWait, OrgId, WebhookId } from '@hooklane/domain';
import type { Operation } from '@hooklane/engine';
import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { at } from './columns.ts';

/** Work on many deliveries that goes on in steps. */

export const operations = pgTable(
  'operations',
  {
    id: uuid('id').$type<OperationId>().primaryKey(),
    orgId: uuid('org_id').$type<OrgId>(),
    webhookId: uuid('webhook_id').$type<WebhookId>(),
    kind: text('kind').$type<OperationKind>().notNull(),
    /** The rest of the task. */
    details: jsonb('details').$type<Record<string, unknown>>().notNull(),
    perSecond: integer('per_second').notNull(),
    state: text('state').$type<Operation['state']>().notNull(),
    waitingFor: text('waiting_for').$type<OperationWait>(),
    total: integer('total'),
    examined: integer('examined').notNull().default(0),
    moved: integer('moved').notNull().default(0),
    /** The event or delivery up to which it has come, where it goes by ids. */
    position: uuid('position'),
    /** The rate limit: no step before this. */
    nextStepAt: at('next_step_at').notNull().defaultNow(),
    createdAt: at('created_at').notNull().defaultNow(),
    finishedAt: at('finished_at'),
  },
  (t) => [
    index('operations_running').on(t.nextStepAt).where(sql`state = 'running'`),
    index('operations_org').on(t.orgId, t.id),
    index('operations_finished').on(t.finishedAt).where(sql`finished_at is not null`),
  ],
);

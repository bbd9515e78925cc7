import { formatId } from '@hooklane/domain';
import type { DueQueue, QueueFigures } from '@hooklane/engine';
import { z } from 'zod';
import { idText } from '../../contract/fields.ts';

export const queuesSchema = z
  .strictObject({
    queue: z
      .enum(['accepting', 'full', 'away'])
      .describe('How this API process finds the queue; `away` also where there is none.'),
    pending: z
      .strictObject({
        due: z.int().describe('Due, and nobody is at it.'),
        queued: z.int().describe('Due, and announced to the queue.'),
        in_flight: z.int().describe('A worker is making the attempt.'),
        scheduled: z.int().describe('A retry that is due later.'),
      })
      .describe('Deliveries by where they are.'),
    oldest_due_ms: z
      .number()
      .nullable()
      .describe(
        'How long the oldest delivery that nobody is at has been due, paused ones too; null when there is none.',
      ),
    backlogs: z
      .array(z.strictObject({ org_id: idText('org'), webhook_id: idText('wh'), pending: z.int(), due: z.int() }))
      .describe('The webhooks with most pending deliveries, at most 20.'),
    diverted: z.record(z.string(), z.int()).describe('Diverted events by reason.'),
    operations_running: z.int(),
  })
  .meta({
    id: 'Queues',
    examples: [
      {
        queue: 'accepting',
        pending: { due: 12, queued: 140, in_flight: 48, scheduled: 310 },
        oldest_due_ms: 35,
        backlogs: [
          {
            org_id: 'org_01ja8v5qk3f7nr2xw9m4t6y0bc',
            webhook_id: 'wh_01ja8v5qk3f7nr2xw9m4t6y0bc',
            pending: 300,
            due: 4,
          },
        ],
        diverted: { retries_exhausted: 17 },
        operations_running: 1,
      },
    ],
  });

export function presentQueues(figures: QueueFigures, queue: DueQueue['state']): z.output<typeof queuesSchema> {
  const { pending } = figures;
  return {
    queue,
    pending: {
      due: pending.due,
      queued: pending.queued,
      in_flight: pending.inFlight,
      scheduled: pending.scheduled,
    },
    oldest_due_ms: figures.oldestDueMs === null ? null : Math.round(figures.oldestDueMs),
    backlogs: figures.backlogs.map((backlog) => ({
      org_id: formatId('org', backlog.orgId),
      webhook_id: formatId('wh', backlog.webhookId),
      pending: backlog.pending,
      due: backlog.due,
    })),
    diverted: { ...figures.diverted },
    operations_running: figures.operationsRunning,
  };
}

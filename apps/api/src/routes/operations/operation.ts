import { formatId } from '@hooklane/domain';
import type { Operation, OperationTask } from '@hooklane/engine';
import { z } from 'zod';
import { eventPattern, idOf, idText, time, timestamp } from '../../contract/fields.ts';
import { pageQuery } from '../../contract/paging.ts';
import { divertReason } from '../diverted/diverted-event.ts';

export const operationKind = z.enum(['resend', 'replay', 'retry_now', 'cancel_pending', 'erase', 'reseal']).meta({
  id: 'OperationKind',
  description: 'What is done to many deliveries; or to all that an org had, or all that is sealed.',
});

export const operationState = z
  .enum(['running', 'done', 'cancelled'])
  .meta({ id: 'OperationState', description: '`cancelled` by a call, or because the webhook was deleted.' });

export const operationSchema = z
  .strictObject({
    id: idText('op'),
    kind: operationKind,
    state: operationState,
    webhook_id: idText('wh').nullable().describe('Null when it is not on one webhook.'),
    waiting_for: z
      .enum(['webhook', 'backlog'])
      .nullable()
      .describe(
        'Why it stands still at the moment: the webhook is not active, or has as much work before it as it should have.',
      ),
    filter: z
      .strictObject({
        org_id: idText('org'),
        webhook_id: idText('wh'),
        reasons: z.array(divertReason),
        event_types: z.array(eventPattern),
        since: timestamp,
        until: timestamp,
        new_ids: z.boolean(),
        only_missing: z.boolean(),
      })
      .partial(),
    per_second: z.int().describe('Deliveries, or rows, touched each second, at most.'),
    total: z
      .int()
      .nullable()
      .describe('What there was to look at when it began; null when that was too much to count.'),
    examined: z.int().describe('Looked at so far.'),
    moved: z.int().describe('Of these, the deliveries that were touched; or rows erased, or values sealed anew.'),
    created_at: timestamp,
    finished_at: timestamp.nullable(),
  })
  .meta({
    id: 'Operation',
    description:
      'Work on many deliveries that goes on after the answer. It survives restarts, and is bounded to what was there when it began.',
    examples: [
      {
        id: 'op_01ja8v5qk3f7nr2xw9m4t6y0bc',
        kind: 'resend',
        state: 'running',
        webhook_id: 'wh_01ja8v5qk3f7nr2xw9m4t6y0bc',
        waiting_for: null,
        filter: { org_id: 'org_01ja8v5qk3f7nr2xw9m4t6y0bc', webhook_id: 'wh_01ja8v5qk3f7nr2xw9m4t6y0bc' },
        per_second: 100,
        total: 2310,
        examined: 400,
        moved: 400,
        created_at: '2026-01-02T03:04:05.000Z',
        finished_at: null,
      },
    ],
  });

export const operationParam = { id: idOf('op', 'an operation') };

export const operationQuery = z.strictObject({
  ...pageQuery,
  kind: operationKind.optional(),
  state: operationState.optional(),
});

export function presentOperation(operation: Operation): z.output<typeof operationSchema> {
  return {
    id: formatId('op', operation.id),
    kind: operation.task.kind,
    state: operation.state,
    webhook_id: operation.webhookId && formatId('wh', operation.webhookId),
    waiting_for: operation.waitingFor,
    filter: filterOf(operation.task),
    per_second: operation.perSecond,
    total: operation.total,
    examined: operation.examined,
    moved: operation.moved,
    created_at: time(operation.createdAt),
    finished_at: time(operation.finishedAt),
  };
}

function filterOf(task: OperationTask) {
  switch (task.kind) {
    case 'resend': {
      const { filter } = task;
      return {
        org_id: filter.orgId && formatId('org', filter.orgId),
        webhook_id: filter.webhookId && formatId('wh', filter.webhookId),
        reasons: filter.reasons && [...filter.reasons],
        event_types: filter.eventTypes && [...filter.eventTypes],
        since: filter.since && time(filter.since),
        until: filter.until && time(filter.until),
      };
    }
    case 'replay': {
      const { since, until, eventTypes, newIds, onlyMissing } = task.range;
      return {
        event_types: eventTypes && [...eventTypes],
        since: time(since),
        until: time(until),
        new_ids: newIds,
        only_missing: onlyMissing,
      };
    }
    case 'erase':
      return { org_id: formatId('org', task.orgId) };
    case 'reseal':
    case 'retry_now':
    case 'cancel_pending':
      return {};
  }
}

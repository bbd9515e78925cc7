import { formatId } from '@hooklane/domain';
import type { Operation } from '@hooklane/engine';
import { z } from 'zod';
import { eventTypeName, idText, time, timestamp } from '../../contract/fields.ts';
import { divertReason } from '../diverted/diverted-event.ts';

export const operationSchema = z
  .strictObject({
    id: idText('op'),
    kind: z.enum(['resend']),
    state: z.enum(['running', 'done']),
    filter: z
      .strictObject({
        org_id: idText('org'),
        webhook_id: idText('wh'),
        reasons: z.array(divertReason),
        event_types: z.array(eventTypeName),
        since: timestamp,
        until: timestamp,
      })
      .partial(),
    per_second: z.int(),
    total: z.int().describe('Rows that matched when it began.'),
    moved: z.int().describe('Those sent again since.'),
    created_at: timestamp,
    finished_at: timestamp.nullable(),
  })
  .meta({
    id: 'Operation',
    description: 'Work that goes on after the answer.',
    examples: [
      {
        id: 'op_01ja8v5qk3f7nr2xw9m4t6y0bc',
        kind: 'resend',
        state: 'running',
        filter: { org_id: 'org_01ja8v5qk3f7nr2xw9m4t6y0bc', webhook_id: 'wh_01ja8v5qk3f7nr2xw9m4t6y0bc' },
        per_second: 100,
        total: 2310,
        moved: 400,
        created_at: '2026-01-02T03:04:05.000Z',
        finished_at: null,
      },
    ],
  });

export function presentOperation({ filter, ...operation }: Operation) {
  return {
    id: formatId('op', operation.id),
    kind: operation.kind,
    state: operation.state,
    filter: {
      org_id: filter.orgId && formatId('org', filter.orgId),
      webhook_id: filter.webhookId && formatId('wh', filter.webhookId),
      reasons: filter.reasons,
      event_types: filter.eventTypes,
      since: filter.since && time(filter.since),
      until: filter.until && time(filter.until),
    },
    per_second: operation.perSecond,
    total: operation.total,
    moved: operation.moved,
    created_at: time(operation.createdAt),
    finished_at: time(operation.finishedAt),
  };
}

import { cancelPending, previewOn, replayRange, retryNow } from '@hooklane/engine';
import { z } from 'zod';
import { answer } from '../../contract/answer.ts';
import { eventPattern, moment } from '../../contract/fields.ts';
import { route } from '../../contract/route.ts';
import { invalidField } from '../../http/zod-problems.ts';
import { perSecond } from '../diverted/diverted-filter.ts';
import { namedWebhook, webhookParam } from '../webhooks/named-webhook.ts';
import { answerDryRun, dryRun, dryRunSchema } from './dry-run.ts';
import { operationSchema, presentOperation } from './operation.ts';

const replayBody = z
  .strictObject({
    since: moment.describe('Events accepted at this time or later.'),
    until: moment.optional().describe('Events accepted before this time. Default: now.'),
    event_types: z.array(eventPattern).min(1).max(32).optional().describe('Types or patterns. Default: all.'),
    new_ids: z
      .boolean()
      .default(false)
      .describe('Send each under a new `webhook-id`: for a receiver that lost its data, but not what it has seen.'),
    only_missing: z.boolean().default(false).describe('Leave out what the webhook has accepted already.'),
    per_second: perSecond,
    dry_run: dryRun,
  })
  .meta({
    id: 'Replay',
    examples: [{ since: '2026-01-02T00:00:00Z', until: '2026-01-03T00:00:00Z', event_types: ['invoice.*'] }],
  });

export const replay = route(
  {
    method: 'POST',
    path: '/v1/orgs/:org/webhooks/:id/replay',
    operationId: 'replayEvents',
    summary: 'Send the stored events of a time range to a webhook',
    description:
      'Those that it is subscribed to now, oldest first, whether it had them before or not; what is pending for it anyway is left alone. ' +
      'Bounded to what was stored before the call. It waits while the webhook is not active, and while it has enough to do.',
    tag: 'Operations',
    access: 'deliveries:resend',
    params: webhookParam,
    body: replayBody,
    answers: { 200: dryRunSchema, 202: operationSchema },
    problems: ['too_many_operations', 'webhook_not_active'],
  },
  async (call, { ports }) => {
    const { since, until = new Date(ports.clock()), ...body } = call.body;
    if (since >= until) throw invalidField('since', 'must be before until, and in the past');
    const range = {
      since,
      until,
      eventTypes: body.event_types,
      newIds: body.new_ids,
      onlyMissing: body.only_missing,
    };
    if (body.dry_run) return answerDryRun(await previewOn(ports, namedWebhook(call), { range }));
    const operation = await replayRange(ports, namedWebhook(call), { range, perSecond: body.per_second });
    return answer(202, presentOperation(operation));
  },
);

export const retryPending = route(
  {
    method: 'POST',
    path: '/v1/orgs/:org/webhooks/:id/retry-now',
    operationId: 'retryNow',
    summary: 'Make all pending deliveries of a webhook due now',
    description:
      'Its receiver works again, and nobody wants to wait for the retries. The attempts are made as fast as the webhook takes them, and count as its retries.',
    tag: 'Operations',
    access: 'deliveries:resend',
    params: webhookParam,
    answers: { 202: operationSchema },
    problems: ['too_many_operations', 'webhook_not_active'],
  },
  async (call, { ports }) => {
    return answer(202, presentOperation(await retryNow(ports, namedWebhook(call))));
  },
);

export const cancelPendingDeliveries = route(
  {
    method: 'POST',
    path: '/v1/orgs/:org/webhooks/:id/cancel-pending',
    operationId: 'cancelPending',
    summary: 'Give up all pending deliveries of a webhook',
    description:
      'They end as discarded, reason `cancelled`. An attempt that is under way is still recorded, and may deliver. What is published after the call is not touched.',
    tag: 'Operations',
    access: 'deliveries:resend',
    params: webhookParam,
    answers: { 202: operationSchema },
    problems: ['too_many_operations'],
  },
  async (call, { ports }) => {
    return answer(202, presentOperation(await cancelPending(ports, namedWebhook(call))));
  },
);

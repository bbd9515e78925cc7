import { found, sentBody } from '@hooklane/engine';
import { z } from 'zod';
import { answer } from '../../contract/answer.ts';
import { idOf, moment } from '../../contract/fields.ts';
import { pageOf, pageQuery, pageRequestOf, presentPage } from '../../contract/paging.ts';
import { route } from '../../contract/route.ts';
import { webhookOf, webhookParam } from '../webhooks/named-webhook.ts';
import { attemptSchema, presentAttempt } from './attempt.ts';

export const listAttempts = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/webhooks/:id/attempts',
    operationId: 'listAttempts',
    summary: 'List the attempts of a webhook',
    description: 'Newest first; the log keeps the last 100, and these are what the filters choose from.',
    tag: 'Deliveries',
    access: 'deliveries:read',
    params: webhookParam,
    query: z.strictObject({
      ...pageQuery,
      status: z.enum(['success', 'failed']).optional(),
      event: idOf('evt', 'an event').optional(),
      delivery: idOf('dlv', 'a delivery').optional(),
      since: moment.optional().describe('Begun at this time or later.'),
      until: moment.optional().describe('Begun before this time.'),
    }),
    answers: { 200: pageOf('AttemptPage', attemptSchema) },
    problems: ['invalid_cursor'],
  },
  async (call, { ports }) => {
    const { status, event, delivery, since, until, ...page } = call.query;
    const webhook = await webhookOf(call, ports.webhooks);
    const filter = { status, eventId: event, deliveryId: delivery, since, until };
    const attempts = await ports.history.attempts(webhook, filter, pageRequestOf(page));
    return answer(
      200,
      presentPage(attempts, (attempt) => presentAttempt(attempt)),
    );
  },
);

export const getAttempt = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/webhooks/:id/attempts/:attempt',
    operationId: 'getAttempt',
    summary: 'Read an attempt',
    description: 'With the exact bytes that were sent and, up to 4 KiB, received.',
    tag: 'Deliveries',
    access: 'deliveries:read',
    params: { ...webhookParam, attempt: idOf('att', 'an attempt') },
    answers: { 200: attemptSchema },
  },
  async (call, { ports }) => {
    const webhook = await webhookOf(call, ports.webhooks);
    const attempt = found(await ports.history.attempt(webhook, call.params.attempt));
    const event = await ports.history.event(call.org.id, attempt.eventId);
    return answer(200, presentAttempt(attempt, event && sentBody(attempt, event)));
  },
);

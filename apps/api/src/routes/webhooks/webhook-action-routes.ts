import type { SuspendReason } from '@hooklane/domain';
import { found, pingWebhook } from '@hooklane/engine';
import { answer } from '../../contract/answer.ts';
import { waitQuery } from '../../contract/fields.ts';
import { route } from '../../contract/route.ts';
import { answerStarted, startedAnswers } from '../deliveries/started.ts';
import { namedWebhook, webhookOf, webhookParam } from './named-webhook.ts';
import { presentWebhook, webhookSchema } from './webhook.ts';

const BY_HAND: SuspendReason = 'manual';

export const suspendWebhook = route(
  {
    method: 'POST',
    path: '/v1/orgs/:org/webhooks/:id/suspend',
    operationId: 'suspendWebhook',
    summary: 'Suspend a webhook',
    description: 'What is due, and what comes, is diverted. One that is suspended keeps its first reason and time.',
    tag: 'Webhooks',
    access: 'webhooks:update',
    params: webhookParam,
    answers: { 200: webhookSchema },
  },
  async (call, { ports }) => {
    return answer(200, presentWebhook(found(await ports.webhooks.suspend(namedWebhook(call), BY_HAND))));
  },
);

export const unsuspendWebhook = route(
  {
    method: 'POST',
    path: '/v1/orgs/:org/webhooks/:id/unsuspend',
    operationId: 'unsuspendWebhook',
    summary: 'End the suspension of a webhook',
    description: 'Clears the count of failures too. What was diverted stays so until it is resent.',
    tag: 'Webhooks',
    access: 'webhooks:update',
    params: webhookParam,
    answers: { 200: webhookSchema },
  },
  async (call, { ports }) => {
    return answer(200, presentWebhook(found(await ports.webhooks.unsuspend(namedWebhook(call)))));
  },
);

export const ping = route(
  {
    method: 'POST',
    path: '/v1/orgs/:org/webhooks/:id/ping',
    operationId: 'pingWebhook',
    summary: 'Send a trial request',
    description: 'An event of type `ping` through the whole chain: never retried, never counted against the webhook.',
    tag: 'Webhooks',
    access: 'webhooks:update',
    params: webhookParam,
    query: waitQuery,
    answers: startedAnswers,
  },
  async (call, context) => {
    const webhook = await webhookOf(call, context.ports.webhooks);
    const { deliveryId } = await pingWebhook(context.ports, webhook, call.requestId);
    return answerStarted(call, { webhook, deliveryId, number: 1 }, context);
  },
);

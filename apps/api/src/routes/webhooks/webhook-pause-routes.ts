import type { PauseTarget } from '@hooklane/engine';
import { found } from '@hooklane/engine';
import { answer } from '../../contract/answer.ts';
import { route } from '../../contract/route.ts';
import { namedWebhook, webhookOf, webhookParam } from './named-webhook.ts';
import { presentWebhook, webhookSchema } from './webhook.ts';

export const pauseWebhook = route(
  {
    method: 'POST',
    path: '/v1/orgs/:org/webhooks/:id/pause',
    operationId: 'pauseWebhook',
    summary: 'Keep the deliveries of a webhook waiting',
    description:
      'Its events are accepted and stay pending; nothing is sent, retried or diverted until it is resumed. Attempts under way end. ' +
      'It stays active: a pause is no suspension.',
    tag: 'Webhooks',
    access: 'webhooks:update',
    params: webhookParam,
    answers: { 200: webhookSchema },
  },
  async (call, { ports }) => {
    found((await ports.pauses.pause(targetOf(call), call.by)) || null);
    return answer(200, presentWebhook(await webhookOf(call, ports.webhooks)));
  },
);

export const resumeWebhook = route(
  {
    method: 'POST',
    path: '/v1/orgs/:org/webhooks/:id/resume',
    operationId: 'resumeWebhook',
    summary: 'Let the deliveries of a webhook go on',
    description: 'What waited is sent, oldest first. A pause of its org, or of all deliveries, stays.',
    tag: 'Webhooks',
    access: 'webhooks:update',
    params: webhookParam,
    answers: { 200: webhookSchema },
  },
  async (call, { ports }) => {
    found((await ports.pauses.resume(targetOf(call), call.by)) || null);
    ports.queue.leaveToStore();
    return answer(200, presentWebhook(await webhookOf(call, ports.webhooks)));
  },
);

function targetOf(call: Parameters<typeof namedWebhook>[0]): PauseTarget {
  const { orgId, id: webhookId } = namedWebhook(call);
  return { scope: 'webhook', orgId, webhookId };
}

import type { Webhook } from '@hooklane/engine';
import { changeWebhook, createWebhook, found, pingWebhook } from '@hooklane/engine';
import { z } from 'zod';
import { answer } from '../../contract/answer.ts';
import { eventPattern, flag, nameText, repeatable } from '../../contract/fields.ts';
import { pageOf, pageQuery, pageRequestOf, presentPage } from '../../contract/paging.ts';
import { route } from '../../contract/route.ts';
import type { ApiPorts } from '../../ports.ts';
import { namedWebhook, webhookOf, webhookParam } from './named-webhook.ts';
import { presentWebhook, webhookSchema, webhookWithSecretSchema } from './webhook.ts';
import { createWebhookBody, patchWebhookBody, settingsOf } from './webhook-body.ts';
import { patchSettings } from './webhook-patch.ts';

export const create = route(
  {
    method: 'POST',
    path: '/v1/orgs/:org/webhooks',
    operationId: 'createWebhook',
    summary: 'Register a webhook',
    description:
      'Every event published after the answer is matched against it. The secret is told here and never again.',
    tag: 'Webhooks',
    access: 'webhooks:create',
    body: createWebhookBody,
    answers: { 201: webhookWithSecretSchema },
    problems: ['url_not_allowed', 'header_not_allowed', 'secret_invalid', 'webhook_limit_reached'],
  },
  async ({ org, body, by, requestId }, { ports }) => {
    const { webhook, secret } = await createWebhook(ports, {
      orgId: org.id,
      settings: settingsOf(body),
      secret: body.secret ?? null,
      by,
    });
    if (body.ping && webhook.enabled) await greet(ports, webhook, requestId);
    return answer(201, { ...presentWebhook(webhook), secret });
  },
);

export const listWebhooks = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/webhooks',
    operationId: 'listWebhooks',
    summary: 'List the webhooks of an org',
    tag: 'Webhooks',
    access: 'webhooks:list',
    query: z.strictObject({
      ...pageQuery,
      sort: z.enum(['created_at', 'name']).default('created_at'),
      direction: z.enum(['asc', 'desc']).default('desc'),
      name: nameText(128).optional(),
      enabled: flag.optional(),
      suspended: flag.optional(),
      active: flag.optional().describe('Enabled and not suspended.'),
      event_type: repeatable(z.array(eventPattern).min(1).max(32)).describe(
        'Subscribed to exactly this type or pattern; with several, to any of them.',
      ),
    }),
    answers: { 200: pageOf('WebhookPage', webhookSchema) },
    problems: ['invalid_cursor'],
  },
  async ({ org, query }, { ports }) => {
    const { limit, cursor, event_type: eventTypes, ...filter } = query;
    const page = pageRequestOf({ limit, cursor });
    return answer(200, presentPage(await ports.webhooks.list(org.id, { ...filter, eventTypes }, page), presentWebhook));
  },
);

export const getWebhook = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/webhooks/:id',
    operationId: 'getWebhook',
    summary: 'Read a webhook',
    tag: 'Webhooks',
    access: 'webhooks:read',
    params: webhookParam,
    answers: { 200: webhookSchema },
  },
  async (call, { ports }) => answer(200, presentWebhook(await webhookOf(call, ports.webhooks))),
);

export const updateWebhook = route(
  {
    method: 'PATCH',
    path: '/v1/orgs/:org/webhooks/:id',
    operationId: 'updateWebhook',
    summary: 'Change a webhook',
    description: 'What is left out stays, what is named is replaced; of lists, removals are done before additions.',
    tag: 'Webhooks',
    access: 'webhooks:update',
    params: webhookParam,
    body: patchWebhookBody,
    answers: { 200: webhookSchema },
    problems: ['url_not_allowed', 'header_not_allowed'],
  },
  async (call, { ports }) => {
    const webhook = await changeWebhook(ports, namedWebhook(call), (now) => patchSettings(now, call.body));
    return answer(200, presentWebhook(webhook));
  },
);

export const deleteWebhook = route(
  {
    method: 'DELETE',
    path: '/v1/orgs/:org/webhooks/:id',
    operationId: 'deleteWebhook',
    summary: 'Delete a webhook',
    description: 'What is pending is discarded with reason `deleted`.',
    tag: 'Webhooks',
    access: 'webhooks:delete',
    params: webhookParam,
    answers: { 204: null },
  },
  async (call, { ports }) => {
    found((await ports.webhooks.delete(namedWebhook(call))) || null);
    return answer(204);
  },
);

/** The webhook exists already: whatever becomes of its first ping, its creation has not failed. */
async function greet(ports: ApiPorts, webhook: Webhook, requestId: string): Promise<void> {
  await pingWebhook(ports, webhook, requestId).catch(ports.onFault);
}

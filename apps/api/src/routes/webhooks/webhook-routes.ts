import type { Webhook } from '@hooklane/engine';
import { changeWebhook, createWebhook, deleteWebhook, pingWebhook } from '@hooklane/engine';
import { z } from 'zod';
import { answer } from '../../contract/answer.ts';
import { etagHeader, etagOf, ifMatch, versionsIn } from '../../contract/etag.ts';
import { eventPattern, flag, nameText, repeatable } from '../../contract/fields.ts';
import { pageOf, pageQuery, pageRequestOf, presentPage } from '../../contract/paging.ts';
import { route } from '../../contract/route.ts';
import type { ApiPorts } from '../../ports.ts';
import { namedWebhook, webhookOf, webhookParam } from './named-webhook.ts';
import { secretWish } from './secret-body.ts';
import { presentWebhook, presentWithSecret, webhookSchema, webhookWithSecretSchema } from './webhook.ts';
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
    answers: { 201: { schema: webhookWithSecretSchema, headers: etagHeader } },
    problems: [
      'url_not_allowed',
      'header_not_allowed',
      'secret_invalid',
      'webhook_limit_reached',
      'host_limit_reached',
      'duplicate_url',
    ],
  },
  async ({ org, body, by, requestId }, { ports }) => {
    const created = await createWebhook(ports, {
      orgId: org.id,
      settings: settingsOf(body),
      secret: body.secret === null ? null : secretWish(body),
      by,
    });
    const { webhook } = created;
    if (body.ping && webhook.enabled) await greet(ports, webhook, requestId);
    return answer(201, presentWithSecret(created), etagOf(webhook));
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
    answers: { 200: { schema: webhookSchema, headers: etagHeader } },
  },
  async (call, { ports }) => {
    const webhook = await webhookOf(call, ports.webhooks);
    return answer(200, presentWebhook(webhook), etagOf(webhook));
  },
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
    headers: ifMatch,
    body: patchWebhookBody,
    answers: { 200: { schema: webhookSchema, headers: etagHeader } },
    problems: [
      'url_not_allowed',
      'header_not_allowed',
      'secret_invalid',
      'host_limit_reached',
      'duplicate_url',
      'precondition_failed',
    ],
  },
  async (call, { ports }) => {
    const target = { ...namedWebhook(call), versions: versionsIn(call.headers) };
    const webhook = await changeWebhook(ports, target, (now) => patchSettings(now, call.body));
    return answer(200, presentWebhook(webhook), etagOf(webhook));
  },
);

export const remove = route(
  {
    method: 'DELETE',
    path: '/v1/orgs/:org/webhooks/:id',
    operationId: 'deleteWebhook',
    summary: 'Delete a webhook',
    description: 'What is pending is discarded with reason `deleted`.',
    tag: 'Webhooks',
    access: 'webhooks:delete',
    params: webhookParam,
    headers: ifMatch,
    answers: { 204: null },
    problems: ['precondition_failed'],
  },
  async (call, { ports }) => {
    await deleteWebhook(ports, { ...namedWebhook(call), versions: versionsIn(call.headers) });
    return answer(204);
  },
);

/** The webhook exists already: whatever becomes of its first ping, its creation has not failed. */
async function greet(ports: ApiPorts, webhook: Webhook, requestId: string): Promise<void> {
  await pingWebhook(ports, webhook, requestId).catch(ports.onFault);
}

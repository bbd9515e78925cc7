import { expireSecret, rotateSecret } from '@hooklane/engine';
import { answer } from '../../contract/answer.ts';
import { etagHeader, etagOf } from '../../contract/etag.ts';
import { idOf } from '../../contract/fields.ts';
import { pageOf, presentPage } from '../../contract/paging.ts';
import { route } from '../../contract/route.ts';
import { namedWebhook, webhookOf, webhookParam } from './named-webhook.ts';
import { presentSecret, secretSchema } from './secret.ts';
import { rotateSecretBody, secretWish } from './secret-body.ts';
import { presentWithSecret, webhookWithSecretSchema } from './webhook.ts';

export const listSecrets = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/webhooks/:id/secrets',
    operationId: 'listSecrets',
    summary: 'List the valid secrets of a webhook',
    description: 'The one in use first. Secrets themselves are never shown; the public key of a pair is.',
    tag: 'Webhooks',
    access: 'webhooks:read',
    params: webhookParam,
    answers: { 200: pageOf('SecretPage', secretSchema) },
  },
  async (call, { ports }) => {
    const { secrets } = await webhookOf(call, ports.webhooks);
    return answer(200, presentPage({ data: [...secrets], nextCursor: null }, presentSecret));
  },
);

export const rotate = route(
  {
    method: 'POST',
    path: '/v1/orgs/:org/webhooks/:id/secrets/rotate',
    operationId: 'rotateSecret',
    summary: 'Give a webhook a new secret',
    description:
      'Those before it go on signing beside it for `overlap_seconds`. The new one is told here and never again.',
    tag: 'Webhooks',
    access: 'webhooks:update',
    params: webhookParam,
    optionalBody: rotateSecretBody,
    answers: { 200: { schema: webhookWithSecretSchema, headers: etagHeader } },
    problems: ['secret_invalid', 'too_many_secrets'],
  },
  async (call, { ports }) => {
    const rotated = await rotateSecret(ports, namedWebhook(call), {
      wish: secretWish(call.body),
      overlapMs: call.body.overlap_seconds * 1000,
    });
    return answer(200, presentWithSecret(rotated), etagOf(rotated.webhook));
  },
);

export const expire = route(
  {
    method: 'DELETE',
    path: '/v1/orgs/:org/webhooks/:id/secrets/:secret',
    operationId: 'expireSecret',
    summary: 'Expire a secret before its time',
    description: 'It signs no more. The one in use stays for as long as `signing` is on.',
    tag: 'Webhooks',
    access: 'webhooks:update',
    params: { ...webhookParam, secret: idOf('sec', 'a secret') },
    answers: { 204: null },
    problems: ['secret_in_use'],
  },
  async (call, { ports }) => {
    await expireSecret(ports, namedWebhook(call), call.params.secret);
    return answer(204);
  },
);

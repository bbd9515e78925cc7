import { found, redeliver } from '@hooklane/engine';
import { z } from 'zod';
import { answer } from '../../contract/answer.ts';
import { idOf, waitQuery } from '../../contract/fields.ts';
import { pageOf, pageRequestOf, presentPage } from '../../contract/paging.ts';
import { route } from '../../contract/route.ts';
import { webhookOf, webhookParam } from '../webhooks/named-webhook.ts';
import {
  deliveryDetailSchema,
  deliveryFilterOf,
  deliveryQuery,
  deliverySchema,
  presentDelivery,
  presentDeliveryDetail,
} from './delivery.ts';
import { answerStarted, startedAnswers } from './started.ts';

const deliveryParam = { id: idOf('dlv', 'a delivery') };

/** Of a webhook; its log has no more. */
const LOGGED = 100;

const SHORT_PAGES =
  'With a filter a page may hold fewer than `limit`, even none, while `next_cursor` says that there is more to look through.';

export const listDeliveries = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/webhooks/:id/deliveries',
    operationId: 'listDeliveries',
    summary: 'List the deliveries of a webhook',
    description: `Newest first. ${SHORT_PAGES}`,
    tag: 'Deliveries',
    access: 'deliveries:read',
    params: webhookParam,
    query: z.strictObject(deliveryQuery),
    answers: { 200: pageOf('DeliveryPage', deliverySchema) },
    problems: ['invalid_cursor'],
  },
  async (call, { ports }) => {
    const webhook = await webhookOf(call, ports.webhooks);
    const filter = deliveryFilterOf(call.query);
    const deliveries = await ports.history.deliveries(webhook, filter, pageRequestOf(call.query));
    return answer(200, presentPage(deliveries, presentDelivery));
  },
);

export const listOrgDeliveries = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/deliveries',
    operationId: 'listOrgDeliveries',
    summary: 'List the deliveries of all webhooks',
    description: `Those of the newest event first, as long as events are stored; the times are those of the events. ${SHORT_PAGES}`,
    tag: 'Deliveries',
    access: 'deliveries:read',
    query: z.strictObject(deliveryQuery),
    answers: { 200: pageOf('OrgDeliveryPage', deliverySchema) },
    problems: ['invalid_cursor'],
  },
  async ({ org, query }, { ports }) => {
    const deliveries = await ports.history.deliveriesOfOrg(org.id, deliveryFilterOf(query), pageRequestOf(query));
    return answer(200, presentPage(deliveries, presentDelivery));
  },
);

export const getDelivery = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/deliveries/:id',
    operationId: 'getDelivery',
    summary: 'Read a delivery with its attempts',
    tag: 'Deliveries',
    access: 'deliveries:read',
    params: deliveryParam,
    answers: { 200: deliveryDetailSchema },
  },
  async ({ org, params }, { ports }) => {
    const delivery = found(await ports.history.delivery(org.id, params.id));
    const webhook = { orgId: org.id, id: delivery.webhookId };
    const { data } = await ports.history.attempts(webhook, { deliveryId: params.id }, { limit: LOGGED, cursor: null });
    return answer(200, presentDeliveryDetail(delivery, data));
  },
);

export const redeliverOne = route(
  {
    method: 'POST',
    path: '/v1/orgs/:org/deliveries/:id/redeliver',
    operationId: 'redeliver',
    summary: 'Make a delivery again that has ended',
    description:
      'Whatever became of it: the same bytes under the same `webhook-id`, its attempts numbered on, with a new budget of retries.',
    tag: 'Deliveries',
    access: 'deliveries:resend',
    params: deliveryParam,
    query: waitQuery,
    answers: startedAnswers,
    problems: ['delivery_pending', 'event_gone', 'webhook_not_active'],
  },
  async (call, context) => {
    const { webhook, ref } = await redeliver(context.ports, call.org.id, call.params.id);
    return answerStarted(call, { webhook, deliveryId: ref.deliveryId, number: ref.attempt }, context);
  },
);

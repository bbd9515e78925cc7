import { z } from 'zod';
import { answer } from '../../contract/answer.ts';
import { pageOf, pageQuery, pageRequestOf, presentPage } from '../../contract/paging.ts';
import { route } from '../../contract/route.ts';
import { webhookOf, webhookParam } from '../webhooks/named-webhook.ts';
import { deliverySchema, deliveryState, presentDelivery } from './delivery.ts';

export const listDeliveries = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/webhooks/:id/deliveries',
    operationId: 'listDeliveries',
    summary: 'List the deliveries of a webhook',
    description: 'Newest first.',
    tag: 'Deliveries',
    access: 'deliveries:read',
    params: webhookParam,
    query: z.strictObject({ ...pageQuery, state: deliveryState.optional() }),
    answers: { 200: pageOf('DeliveryPage', deliverySchema) },
    problems: ['invalid_cursor'],
  },
  async (call, { ports }) => {
    const { state, ...page } = call.query;
    const webhook = await webhookOf(call, ports.webhooks);
    const deliveries = await ports.history.deliveries(webhook, { state }, pageRequestOf(page));
    return answer(200, presentPage(deliveries, presentDelivery));
  },
);

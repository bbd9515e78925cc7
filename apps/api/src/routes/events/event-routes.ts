import { found, publishEvent } from '@hooklane/engine';
import { z } from 'zod';
import { answer, withPayload } from '../../contract/answer.ts';
import { idOf } from '../../contract/fields.ts';
import { pageOf, pageQuery, pageRequestOf, presentPage } from '../../contract/paging.ts';
import { route } from '../../contract/route.ts';
import { deliverySchema, presentDelivery } from '../deliveries/delivery.ts';
import { eventSchema, presentEvent } from './event.ts';
import { idempotencyKeySchema, newEvent, publicationOf } from './publish-body.ts';
import { toldOf } from './publish-log.ts';
import { presentPublished, publishedEvent } from './published.ts';

/** What a body may hold besides the payload: attributes at their limits, every character escaped. */
const ENVELOPE_BYTES = 128 * 1024;

export const publish = route(
  {
    method: 'POST',
    path: '/v1/orgs/:org/events',
    operationId: 'publishEvent',
    summary: 'Publish an event',
    description:
      'The answer is given once the event and its deliveries are stored: nothing that was acknowledged is lost. The payload reaches receivers byte for byte.',
    tag: 'Events',
    access: 'events:write',
    isTraced: true,
    headers: {
      'idempotency-key': {
        schema: idempotencyKeySchema,
        description:
          'A request that comes again with the same key within 48 hours is answered as the first time and makes no second event. Default: the `id` of the event, if it has one.',
        problem: 'idempotency_key_invalid',
      },
    },
    rawBody: { schema: newEvent, maxBytes: (limits) => limits.maxBytes + ENVELOPE_BYTES },
    answers: { 202: { schema: publishedEvent, description: 'Stored. It will be delivered.' } },
    problems: [
      'payload_too_large',
      'idempotency_conflict',
      'unknown_event_type',
      'payload_schema_mismatch',
      'schema_timeout',
    ],
  },
  async ({ org, headers, body, requestId, traceparent, takeTokens, tell }, { ports, limits }) => {
    const request = { orgId: org.id, requestId, traceparent, body, key: headers['idempotency-key'] };
    const publication = publicationOf(request, limits);
    takeTokens(1);
    const published = await publishEvent(ports, publication);
    tell(toldOf(publication, published));
    return answer(202, presentPublished(published));
  },
);

export const getEvent = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/events/:id',
    operationId: 'getEvent',
    summary: 'Read an event',
    description: 'With its first deliveries.',
    tag: 'Events',
    access: 'events:read',
    params: { id: idOf('evt', 'an event') },
    answers: { 200: eventSchema },
  },
  async ({ org, params }, { ports }) => {
    const event = found(await ports.history.event(org.id, params.id));
    return answer(200, withPayload(presentEvent(event), event.payload));
  },
);

export const listEventDeliveries = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/events/:id/deliveries',
    operationId: 'listEventDeliveries',
    summary: 'List the deliveries of an event',
    description: 'Oldest first.',
    tag: 'Events',
    access: 'events:read',
    params: { id: idOf('evt', 'an event') },
    query: z.strictObject(pageQuery),
    answers: { 200: pageOf('EventDeliveryPage', deliverySchema) },
    problems: ['invalid_cursor'],
  },
  async ({ org, params, query }, { ports }) => {
    const event = { orgId: org.id, id: params.id };
    const deliveries = found(await ports.history.deliveriesOf(event, pageRequestOf(query)));
    return answer(200, presentPage(deliveries, presentDelivery));
  },
);

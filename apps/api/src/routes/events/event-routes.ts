import { formatId } from '@hooklane/domain';
import { found, publishEvent } from '@hooklane/engine';
import { z } from 'zod';
import { answer, withPayload } from '../../contract/answer.ts';
import { idOf, idText } from '../../contract/fields.ts';
import { route } from '../../contract/route.ts';
import { eventSchema, presentEvent } from './event.ts';
import { idempotencyKeySchema, newEvent, publicationOf } from './publish-body.ts';
import { logPublished } from './publish-log.ts';

/** What a body may hold besides the payload: attributes at their limits, every character escaped. */
const ENVELOPE_BYTES = 128 * 1024;

const publishedEvent = z
  .strictObject({
    id: idText('evt'),
    deliveries: z.int().describe('How many webhooks will get it.'),
  })
  .meta({ id: 'PublishedEvent', examples: [{ id: 'evt_01ja8v5qk3f7nr2xw9m4t6y0bc', deliveries: 3 }] });

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
    problems: ['payload_too_large', 'idempotency_conflict'],
  },
  async ({ org, headers, body, requestId }, { ports, limits, logger }) => {
    const request = { orgId: org.id, requestId, body, key: headers['idempotency-key'] };
    const publication = publicationOf(request, limits);
    const published = await publishEvent(ports, publication);
    logPublished(logger, publication, published);
    return answer(202, { id: formatId('evt', published.eventId), deliveries: published.deliveries });
  },
);

export const getEvent = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/events/:id',
    operationId: 'getEvent',
    summary: 'Read an event',
    description: 'With its deliveries.',
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

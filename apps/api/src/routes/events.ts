import { formatId } from '@hooklane/domain';
import { found, publishEvent } from '@hooklane/engine';
import type { FastifyInstance } from 'fastify';
import { orgOf } from '../authenticate.ts';
import { logPublished } from '../events-log.ts';
import { bodyOf, paramId, parseQuery } from '../parse.ts';
import { sendWithPayload } from '../present.ts';
import { presentEvent } from '../present-history.ts';
import { publicationOf } from '../publish-body.ts';
import { emptyQuery } from '../schemas.ts';
import type { RouteContext } from './context.ts';

/** What a body may hold besides the payload: attributes at their limits, every character escaped. */
const ENVELOPE_BYTES = 128 * 1024;

export function eventRoutes(app: FastifyInstance, { ports, gates, limits, logger }: RouteContext): void {
  const publishing = { ...gates.org('events:write'), bodyLimit: limits.maxBytes + ENVELOPE_BYTES };
  app.post('/v1/orgs/:org/events', publishing, async (request, reply) => {
    parseQuery(request, emptyQuery);
    const publication = publicationOf(
      {
        orgId: orgOf(request).id,
        requestId: request.id,
        body: bodyOf(request),
        key: request.headers['idempotency-key'],
      },
      limits,
    );
    const published = await publishEvent(ports, publication);
    logPublished(logger, publication, published);
    return reply.code(202).send({ id: formatId('evt', published.eventId), deliveries: published.deliveries });
  });

  app.get('/v1/orgs/:org/events/:id', gates.org('events:read'), async (request, reply) => {
    const event = found(await ports.history.event(orgOf(request).id, paramId(request, 'id', 'evt')));
    return sendWithPayload(reply, presentEvent(event), event.payload);
  });
}

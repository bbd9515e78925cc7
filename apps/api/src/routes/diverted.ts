import { DomainError } from '@hooklane/domain';
import type { DivertedEvent } from '@hooklane/engine';
import { resendAll, resendOne } from '@hooklane/engine';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { divertedFilterOf } from '../diverted-filter.ts';
import { pageQuery, pageRequestOf, presentPage } from '../paging.ts';
import { paramId, parseOptionalBody, parseQuery } from '../parse.ts';
import { presentOperation, sendWithPayload } from '../present.ts';
import { presentDiverted } from '../present-diverted.ts';
import { divertedFilter, emptyBody, perSecond, repeatable, waitQuery } from '../schemas.ts';
import { answerStarted } from './answer-started.ts';
import type { RouteContext } from './context.ts';
import { namedWebhook, webhookOf } from './webhook-of.ts';

export function divertedRoutes(app: FastifyInstance, { ports, gates, attemptWait }: RouteContext): void {
  app.get('/v1/orgs/:org/webhooks/:id/diverted', gates.org('diverted:list'), async (request) => {
    const { reason, event_type, ...query } = parseQuery(request, divertedQuery);
    const { orgId, id } = await webhookOf(request, ports.webhooks);
    const filter = divertedFilterOf({ ...query, reasons: reason, event_types: event_type });
    const page = await ports.diverted.list({ ...filter, orgId, webhookId: id }, pageRequestOf(query));
    return presentPage(page, presentDiverted);
  });

  app.get('/v1/orgs/:org/webhooks/:id/diverted/:event', gates.org('diverted:read'), async (request, reply) => {
    const webhook = await webhookOf(request, ports.webhooks);
    const diverted = mustBeDiverted(await ports.diverted.get(webhook, paramId(request, 'event', 'evt')));
    return sendWithPayload(reply, presentDiverted(diverted), diverted.payload ?? Buffer.from('null'));
  });

  app.delete('/v1/orgs/:org/webhooks/:id/diverted/:event', gates.org('diverted:delete'), async (request, reply) => {
    const webhook = await webhookOf(request, ports.webhooks);
    mustBeDiverted((await ports.diverted.delete(webhook, paramId(request, 'event', 'evt'))) || null);
    return reply.code(204).send();
  });

  app.post(
    '/v1/orgs/:org/webhooks/:id/diverted/:event/resend',
    gates.org('diverted:resend'),
    async (request, reply) => {
      parseOptionalBody(request, emptyBody);
      const { wait } = parseQuery(request, waitQuery);
      const webhook = await webhookOf(request, ports.webhooks);
      const { deliveryId, attempt } = await resendOne(ports, webhook, paramId(request, 'event', 'evt'));
      return answerStarted({ request, reply }, { webhook, deliveryId, number: attempt }, wait ? attemptWait : null);
    },
  );

  app.post('/v1/orgs/:org/webhooks/:id/diverted/resend', gates.org('diverted:resend'), async (request, reply) => {
    const body = parseOptionalBody(request, resendBody);
    const filter = divertedFilterOf(body.filter);
    const operation = await resendAll(ports, namedWebhook(request), { filter, perSecond: body.per_second });
    return reply.code(202).send(presentOperation(operation));
  });
}

const { reasons, event_types, since, until } = divertedFilter;

const divertedQuery = z.strictObject({
  ...pageQuery,
  reason: repeatable(reasons),
  event_type: repeatable(event_types),
  since: since.optional(),
  until: until.optional(),
});

const resendBody = z.strictObject({
  filter: z.strictObject(divertedFilter).partial().default({}),
  per_second: perSecond,
});

function mustBeDiverted<T extends DivertedEvent | true>(diverted: T | null): T {
  if (diverted === null) throw new DomainError('not_diverted');
  return diverted;
}

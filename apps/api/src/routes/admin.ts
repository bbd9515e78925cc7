import { isOrgSlug, parseId } from '@hooklane/domain';
import type { DivertedFilter } from '@hooklane/engine';
import { found, replayAcrossOrgs } from '@hooklane/engine';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { DivertedFilterFields } from '../diverted-filter.ts';
import { divertedFilterOf } from '../diverted-filter.ts';
import { pageQuery, pageRequestOf, presentPage } from '../paging.ts';
import { paramId, parseBody, parseQuery } from '../parse.ts';
import { presentOperation } from '../present.ts';
import { presentDiverted } from '../present-diverted.ts';
import { divertedFilter, perSecond, repeatable } from '../schemas.ts';
import { invalidField } from '../zod-problems.ts';
import type { RouteContext } from './context.ts';

/** Across all orgs. */
export function adminRoutes(app: FastifyInstance, { ports, gates }: RouteContext): void {
  app.get('/v1/admin/diverted', gates.operator, async (request) => {
    const { reason, event_type, ...query } = parseQuery(request, divertedQuery);
    const filter = await filterOf({ ...query, reasons: reason, event_types: event_type }, 'org');
    return presentPage(await ports.diverted.list(filter, pageRequestOf(query)), presentDiverted);
  });

  app.post('/v1/admin/diverted/replay', gates.operator, async (request, reply) => {
    const body = parseBody(request, replayBody);
    const filter = await filterOf(body.filter, 'filter.org');
    return reply
      .code(202)
      .send(presentOperation(await replayAcrossOrgs(ports, { filter, perSecond: body.per_second })));
  });

  app.get('/v1/admin/operations/:id', gates.operator, async (request) => {
    return presentOperation(found(await ports.diverted.operation(null, paramId(request, 'id', 'op'))));
  });

  /** An org that does not exist must not turn into "all orgs", nor silently match nothing. `orgField`: where it is named. */
  async function filterOf(fields: AdminFilterFields, orgField: string): Promise<DivertedFilter> {
    const org = fields.org === undefined ? undefined : await ports.orgs.bySlug(fields.org);
    if (org === null) throw invalidField(orgField, 'There is no such org.');
    return { ...divertedFilterOf(fields), orgId: org?.id, webhookId: fields.webhook_id };
  }
}

const { reasons, event_types, since, until } = divertedFilter;

const webhookId = z.string().transform((text, context) => {
  const id = parseId('wh', text);
  if (id !== null) return id;
  context.addIssue({ code: 'custom', message: 'must be the id of a webhook' });
  return z.NEVER;
});
const org = z.string().refine(isOrgSlug, 'must be the slug of an org');

const divertedQuery = z.strictObject({
  ...pageQuery,
  org: org.optional(),
  webhook_id: webhookId.optional(),
  reason: repeatable(reasons),
  event_type: repeatable(event_types),
  since: since.optional(),
  until: until.optional(),
});

/** The filter may be empty, but not forgotten: all diverted events of all orgs is a lot to send. */
const replayBody = z.strictObject({
  filter: z.strictObject({ ...divertedFilter, org, webhook_id: webhookId }).partial(),
  per_second: perSecond,
});

type AdminFilterFields = DivertedFilterFields & Pick<z.output<typeof divertedQuery>, 'org' | 'webhook_id'>;

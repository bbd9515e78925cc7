import { DomainError, isOrgSlug } from '@hooklane/domain';
import { found } from '@hooklane/engine';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { pageQuery, pageRequestOf, presentPage } from '../paging.ts';
import { paramSlug, parseBody, parseQuery } from '../parse.ts';
import { presentOrg } from '../present.ts';
import { nameText } from '../schemas.ts';
import type { RouteContext } from './context.ts';

export function orgRoutes(app: FastifyInstance, { ports, gates }: RouteContext): void {
  app.post('/v1/orgs', gates.operator, async (request, reply) => {
    const { slug, name = slug } = parseBody(request, createOrgBody);
    const org = await ports.orgs.create({ id: ports.ids.next('org'), slug, name });
    if (org === 'slug_taken') throw new DomainError('slug_taken');
    return reply.code(201).send(presentOrg(org));
  });

  app.get('/v1/orgs', gates.operator, async (request) => {
    const page = pageRequestOf(parseQuery(request, listQuery));
    return presentPage(await ports.orgs.list(page), presentOrg);
  });

  app.get('/v1/orgs/:org', gates.operator, async (request) => {
    return presentOrg(found(await ports.orgs.bySlug(paramSlug(request))));
  });

  app.delete('/v1/orgs/:org', gates.operator, async (request, reply) => {
    found((await ports.orgs.delete(paramSlug(request))) || null);
    gates.forgetKeys();
    return reply.code(204).send();
  });
}

const createOrgBody = z.strictObject({
  slug: z.string().refine(isOrgSlug, 'must be 1 to 63 lower-case letters, digits and hyphens, no hyphen first'),
  name: nameText(128).optional(),
});

const listQuery = z.strictObject(pageQuery);

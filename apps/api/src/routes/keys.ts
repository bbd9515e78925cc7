import type { Org } from '@hooklane/engine';
import { found, SCOPES } from '@hooklane/engine';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { mintKey } from '../credentials.ts';
import { paramId, paramSlug, parseBody, parseQuery } from '../parse.ts';
import { presentKey } from '../present.ts';
import { emptyQuery, moment, nameText } from '../schemas.ts';
import { invalidField } from '../zod-problems.ts';
import type { RouteContext } from './context.ts';

export function keyRoutes(app: FastifyInstance, { ports, gates }: RouteContext): void {
  app.post('/v1/orgs/:org/keys', gates.operator, async (request, reply) => {
    const { name, scopes, expires_at: expiresAt } = parseBody(request, createKeyBody);
    if (expiresAt && expiresAt.getTime() <= ports.clock()) throw invalidField('expires_at', 'must be in the future');
    const org = await namedOrg(request);
    const { text, hash, hint } = mintKey();
    const key = await ports.keys.create({
      id: ports.ids.next('key'),
      orgId: org.id,
      name,
      hash,
      hint,
      scopes: [...new Set(scopes)],
      expiresAt: expiresAt ?? null,
    });
    return reply.code(201).send({ ...presentKey(key), key: text });
  });

  app.get('/v1/orgs/:org/keys', gates.operator, async (request) => {
    parseQuery(request, emptyQuery);
    const keys = await ports.keys.list((await namedOrg(request)).id);
    return { data: keys.map(presentKey), next_cursor: null };
  });

  app.delete('/v1/orgs/:org/keys/:id', gates.operator, async (request, reply) => {
    const org = await namedOrg(request);
    found((await ports.keys.revoke(org.id, paramId(request, 'id', 'key'))) || null);
    gates.forgetKeys();
    return reply.code(204).send();
  });

  async function namedOrg(request: FastifyRequest): Promise<Org> {
    return found(await ports.orgs.bySlug(paramSlug(request)));
  }
}

const createKeyBody = z.strictObject({
  name: nameText(128),
  scopes: z.array(z.enum(SCOPES)).min(1).max(64),
  expires_at: moment.nullish(),
});

import type { Org, OrgStore } from '@hooklane/engine';
import { found, NO_RATE_LIMITS } from '@hooklane/engine';
import { z } from 'zod';
import { mintKey } from '../../access/credentials.ts';
import { answer } from '../../contract/answer.ts';
import { idOf, moment, nameText } from '../../contract/fields.ts';
import { pageOf, pageQuery, pageRequestOf, presentPage } from '../../contract/paging.ts';
import { route } from '../../contract/route.ts';
import { invalidField } from '../../http/zod-problems.ts';
import { changeRateLimits, rateLimitsBody } from '../orgs/rate-limits.ts';
import { createdKeySchema, keySchema, presentKey, scopeSchema } from './key.ts';

const newKey = z
  .strictObject({
    name: nameText(128),
    scopes: z.array(scopeSchema).min(1).max(64),
    rate_limits: rateLimitsBody.optional(),
    expires_at: moment.nullish().describe('Must be in the future. Default: never.'),
  })
  .meta({ id: 'NewApiKey', examples: [{ name: 'billing service', scopes: ['events:write'] }] });

export const createKey = route(
  {
    method: 'POST',
    path: '/v1/orgs/:org/keys',
    operationId: 'createKey',
    summary: 'Make an API key',
    tag: 'Keys',
    access: 'operator',
    body: newKey,
    answers: { 201: createdKeySchema },
  },
  async ({ params, body, by }, { ports }) => {
    const { name, scopes, expires_at: expiresAt } = body;
    if (expiresAt && expiresAt.getTime() <= ports.clock()) throw invalidField('expires_at', 'must be in the future');
    const org = await namedOrg(ports.orgs, params.org);
    const { text, hash, hint } = mintKey();
    const key = await ports.keys.create({
      id: ports.ids.next('key'),
      orgId: org.id,
      name,
      hash,
      hint,
      scopes: [...new Set(scopes)],
      rateLimits: changeRateLimits(NO_RATE_LIMITS, body.rate_limits),
      expiresAt: expiresAt ?? null,
      by,
    });
    return answer(201, { ...presentKey(key), key: text });
  },
);

export const listKeys = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/keys',
    operationId: 'listKeys',
    summary: 'List the API keys of an org',
    tag: 'Keys',
    access: 'operator',
    query: z.strictObject(pageQuery),
    answers: { 200: pageOf('ApiKeyPage', keySchema) },
    problems: ['invalid_cursor'],
  },
  async ({ params, query }, { ports }) => {
    const org = await namedOrg(ports.orgs, params.org);
    return answer(200, presentPage(await ports.keys.list(org.id, pageRequestOf(query)), presentKey));
  },
);

export const getKey = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/keys/:id',
    operationId: 'getKey',
    summary: 'Read an API key',
    description: 'All but the key itself.',
    tag: 'Keys',
    access: 'operator',
    params: { id: idOf('key', 'a key') },
    answers: { 200: keySchema },
  },
  async ({ params }, { ports }) => {
    const org = await namedOrg(ports.orgs, params.org);
    return answer(200, presentKey(found(await ports.keys.get(org.id, params.id))));
  },
);

export const revokeKey = route(
  {
    method: 'DELETE',
    path: '/v1/orgs/:org/keys/:id',
    operationId: 'revokeKey',
    summary: 'Revoke an API key',
    description: 'It stops working within seconds on every process.',
    tag: 'Keys',
    access: 'operator',
    params: { id: idOf('key', 'a key') },
    answers: { 204: null },
  },
  async ({ params, by }, { ports, forgetKeys }) => {
    const org = await namedOrg(ports.orgs, params.org);
    found((await ports.keys.revoke({ orgId: org.id, id: params.id, by })) || null);
    forgetKeys();
    return answer(204);
  },
);

async function namedOrg(orgs: Pick<OrgStore, 'bySlug'>, slug: string): Promise<Org> {
  return found(await orgs.bySlug(slug));
}

import { eraseOrg, reseal } from '@hooklane/engine';
import { z } from 'zod';
import { answer } from '../../contract/answer.ts';
import { idOf } from '../../contract/fields.ts';
import { route } from '../../contract/route.ts';
import { operationSchema, presentOperation } from '../operations/operation.ts';

const perSecond = z
  .int()
  .min(1)
  .max(10_000)
  .default(5_000)
  .describe('Rows touched each second, at most: it is work for the database that everything else needs, too.');

const erasureBody = z
  .strictObject({
    org_id: idOf('org', 'an org').describe('Its id, not its slug: another org may have that by now.'),
    per_second: perSecond,
  })
  .meta({ id: 'Erasure', examples: [{ org_id: 'org_01ja8v5qk3f7nr2xw9m4t6y0bc' }] });

export const erase = route(
  {
    method: 'POST',
    path: '/v1/admin/erasures',
    operationId: 'eraseOrg',
    summary: 'Erase an org and everything that was its',
    description:
      'The org is deleted at once, if it was not. Then its events, deliveries, attempts, diverted events, webhooks, secrets, keys, event types, statistics and its audit trail are deleted, in steps; what is under way leaves nothing behind. It ends no sooner than a minute after the deletion. Cannot be undone. What remains is the operation and that it was started, under the id of the org.',
    tag: 'Operator',
    access: 'operator',
    body: erasureBody,
    problems: ['not_found'],
    answers: { 202: operationSchema },
  },
  async ({ body, by }, { ports, forgetKeys }) => {
    const operation = await eraseOrg(ports, body.org_id, { perSecond: body.per_second, by });
    forgetKeys();
    return answer(202, presentOperation(operation));
  },
);

const resealBody = z
  .strictObject({ per_second: perSecond })
  .meta({ id: 'Resealing', examples: [{ per_second: 1000 }] });

export const sealAnew = route(
  {
    method: 'POST',
    path: '/v1/admin/reseal',
    operationId: 'reseal',
    summary: 'Seal all secrets with the newest key',
    description:
      'The first of `HOOKLANE_SEALING_KEYS`. `examined` counts webhooks, `moved` what was sealed anew. A worker that has another first key leaves it alone. What no key opens stays as it is; `npm run doctor` tells whether an older key is still needed.',
    tag: 'Operator',
    access: 'operator',
    body: resealBody,
    answers: { 202: operationSchema },
  },
  async ({ body, by }, { ports }) => {
    return answer(202, presentOperation(await reseal(ports, { perSecond: body.per_second, by })));
  },
);

import { formatId } from '@hooklane/domain';
import { eraseOrg, previewErasure, previewReseal, reseal } from '@hooklane/engine';
import { z } from 'zod';
import { answer } from '../../contract/answer.ts';
import { idOf, idText } from '../../contract/fields.ts';
import { route } from '../../contract/route.ts';
import { operationSchema, presentOperation } from '../operations/operation.ts';

const perSecond = z
  .int()
  .min(1)
  .max(10_000)
  .default(5_000)
  .describe('Rows touched each second, at most: it is work for the database that everything else needs, too.');

const dryRun = z
  .boolean()
  .default(false)
  .describe('Only tell what it would come to (200, and nothing is begun or deleted).');

const notCounted = 'Null: more than 100,000.';

const erasureBody = z
  .strictObject({
    org_id: idOf('org', 'an org').describe('Its id, not its slug: another org may have that by now.'),
    per_second: perSecond,
    dry_run: dryRun,
  })
  .meta({ id: 'Erasure', examples: [{ org_id: 'org_01ja8v5qk3f7nr2xw9m4t6y0bc' }] });

const erasureDryRun = z
  .strictObject({
    dry_run: z.literal(true),
    org_id: idText('org'),
    slug: z.string().describe('The one it has, or had when it was deleted.'),
    deleted: z.boolean().describe('Whether it is deleted already.'),
    would_erase: z.int().nullable().describe(`Rows, besides those of the org and its webhooks. ${notCounted}`),
  })
  .meta({
    id: 'ErasureDryRun',
    examples: [
      {
        dry_run: true,
        org_id: 'org_01ja8v5qk3f7nr2xw9m4t6y0bc',
        slug: 'acme',
        deleted: false,
        would_erase: 48_213,
      },
    ],
  });

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
    answers: { 200: erasureDryRun, 202: operationSchema },
  },
  async ({ body, by }, { ports, forgetKeys }) => {
    if (body.dry_run) {
      const { slug, isDeleted, rows } = await previewErasure(ports, body.org_id);
      const org_id = formatId('org', body.org_id);
      return answer(200, { dry_run: true as const, org_id, slug, deleted: isDeleted, would_erase: rows });
    }
    const operation = await eraseOrg(ports, body.org_id, { perSecond: body.per_second, by });
    forgetKeys();
    return answer(202, presentOperation(operation));
  },
);

const resealBody = z
  .strictObject({ per_second: perSecond, dry_run: dryRun })
  .meta({ id: 'Resealing', examples: [{ per_second: 1000 }] });

const resealDryRun = z
  .strictObject({
    dry_run: z.literal(true),
    key_id: z.string().describe('Of the key that would seal.'),
    would_seal: z.int().nullable().describe(`What is sealed with another key, also if no key opens it. ${notCounted}`),
  })
  .meta({ id: 'ResealingDryRun', examples: [{ dry_run: true, key_id: '2027a', would_seal: 1_204 }] });

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
    answers: { 200: resealDryRun, 202: operationSchema },
  },
  async ({ body, by }, { ports }) => {
    if (body.dry_run) {
      const would_seal = await previewReseal(ports);
      return answer(200, { dry_run: true as const, key_id: ports.sealingKeyId, would_seal });
    }
    return answer(202, presentOperation(await reseal(ports, { perSecond: body.per_second, by })));
  },
);

import { formatId } from '@hooklane/domain';
import type { SuspendedWebhook } from '@hooklane/engine';
import { UNSUSPEND_MOST, unsuspendMany } from '@hooklane/engine';
import { z } from 'zod';
import { answer } from '../../contract/answer.ts';
import { idOf, idText, moment, orgSlug, time, timestamp } from '../../contract/fields.ts';
import { route } from '../../contract/route.ts';
import { orgIdOf } from './named-org.ts';

const suspendReason = z.enum(['failures', 'gone', 'manual']);

/** The filter may be empty, but not forgotten: all suspended webhooks of all orgs are a lot to wake. */
const unsuspendBody = z
  .strictObject({
    filter: z
      .strictObject({
        org: orgSlug,
        webhook_ids: z.array(idOf('wh', 'a webhook')).min(1).max(100),
        reasons: z.array(suspendReason).min(1).max(3),
        since: moment.describe('Suspended at this time or later.'),
        until: moment.describe('Suspended before this time.'),
      })
      .partial(),
    dry_run: z.boolean().default(false).describe('Only tell which they are.'),
  })
  .meta({ id: 'UnsuspendWebhooks', examples: [{ filter: { reasons: ['failures'] }, dry_run: true }] });

/** Of those that fit so many are told. */
const SHOWN = 100;

const unsuspendedSchema = z
  .strictObject({
    dry_run: z.boolean(),
    unsuspended: z.int(),
    remaining: z.int().describe('Those that fit and are still suspended. Call again for them.'),
    webhooks: z
      .array(
        z.strictObject({
          id: idText('wh'),
          org_id: idText('org'),
          name: z.string(),
          suspended: z.strictObject({ at: timestamp, reason: suspendReason }),
        }),
      )
      .describe(`The first ${SHOWN} of them, suspended longest, as they were before.`),
  })
  .meta({
    id: 'UnsuspendedWebhooks',
    examples: [
      {
        dry_run: false,
        unsuspended: 1,
        remaining: 0,
        webhooks: [
          {
            id: 'wh_01ja8v5qk3f7nr2xw9m4t6y0bc',
            org_id: 'org_01ja8v5qk3f7nr2xw9m4t6y0bc',
            name: 'orders',
            suspended: { at: '2026-01-02T03:04:05.000Z', reason: 'failures' },
          },
        ],
      },
    ],
  });

export const unsuspendWebhooks = route(
  {
    method: 'POST',
    path: '/v1/admin/webhooks/unsuspend',
    operationId: 'unsuspendWebhooks',
    summary: 'End the suspension of many webhooks',
    description:
      `After an outage of our own, say. At most ${UNSUSPEND_MOST} in one call, those suspended longest first. ` +
      'What was diverted stays so until it is resent.',
    tag: 'Operator',
    access: 'operator',
    body: unsuspendBody,
    answers: { 200: unsuspendedSchema },
  },
  async ({ body, by }, { ports }) => {
    const { org, webhook_ids: webhookIds, ...rest } = body.filter;
    const filter = { ...rest, webhookIds, orgId: await orgIdOf(ports.orgs, org, 'filter.org') };
    const done = body.dry_run ? [] : await unsuspendMany(ports.operator, filter, by);
    const left = await ports.operator.suspended(filter, SHOWN);
    const shown = body.dry_run ? left.webhooks : done.slice(0, SHOWN);
    return answer(200, {
      dry_run: body.dry_run,
      unsuspended: done.length,
      remaining: left.count,
      webhooks: shown.map(presentSuspended),
    });
  },
);

function presentSuspended({ orgId, id, name, suspendedAt, reason }: SuspendedWebhook) {
  return {
    id: formatId('wh', id),
    org_id: formatId('org', orgId),
    name,
    suspended: { at: time(suspendedAt), reason },
  };
}

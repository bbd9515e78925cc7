import type { DivertedFilter, OrgStore } from '@hooklane/engine';
import { previewResend, replayAcrossOrgs } from '@hooklane/engine';
import { z } from 'zod';
import { answer } from '../../contract/answer.ts';
import { idOf, orgSlug } from '../../contract/fields.ts';
import { pageOf, pageRequestOf, presentPage } from '../../contract/paging.ts';
import { route } from '../../contract/route.ts';
import { divertedEventSchema, presentDiverted } from '../diverted/diverted-event.ts';
import type { DivertedFilterFields } from '../diverted/diverted-filter.ts';
import { divertedFilter, divertedFilterOf, divertedQuery, perSecond } from '../diverted/diverted-filter.ts';
import { answerDryRun, dryRun, dryRunSchema } from '../operations/dry-run.ts';
import { operationSchema, presentOperation } from '../operations/operation.ts';
import { orgIdOf } from './named-org.ts';

const whose = { org: orgSlug, webhook_id: idOf('wh', 'a webhook') };

const adminDivertedQuery = z.strictObject({
  ...divertedQuery,
  org: whose.org.optional(),
  webhook_id: whose.webhook_id.optional(),
});

/** The filter may be empty, but not forgotten: all diverted events of all orgs is a lot to send. */
const replayBody = z
  .strictObject({
    filter: z.strictObject({ ...divertedFilter, ...whose }).partial(),
    per_second: perSecond,
    dry_run: dryRun,
  })
  .meta({ id: 'ReplayDiverted', examples: [{ filter: { reasons: ['retries_exhausted'] }, per_second: 100 }] });

export const listAllDiverted = route(
  {
    method: 'GET',
    path: '/v1/admin/diverted',
    operationId: 'listAllDiverted',
    summary: 'List the diverted events of all orgs',
    description: 'Newest first.',
    tag: 'Operator',
    access: 'operator',
    query: adminDivertedQuery,
    answers: { 200: pageOf('AdminDivertedEventPage', divertedEventSchema) },
    problems: ['invalid_cursor'],
  },
  async (call, { ports }) => {
    const { reason, event_type, ...query } = call.query;
    const fields = { ...query, reasons: reason, event_types: event_type };
    const filter = await filterOf(ports.orgs, fields, 'org');
    const page = await ports.diverted.list(filter, pageRequestOf(query));
    return answer(200, presentPage(page, presentDiverted));
  },
);

export const replayDiverted = route(
  {
    method: 'POST',
    path: '/v1/admin/diverted/replay',
    operationId: 'replayDiverted',
    summary: 'Send the diverted events of all orgs again',
    description: 'After an outage of our own, say. Those of webhooks that are not active stay where they are.',
    tag: 'Operator',
    access: 'operator',
    body: replayBody,
    answers: { 200: dryRunSchema, 202: operationSchema },
  },
  async ({ body, by }, { ports }) => {
    const filter = await filterOf(ports.orgs, body.filter, 'filter.org');
    if (body.dry_run) return answerDryRun(await previewResend(ports, filter));
    const operation = await replayAcrossOrgs(ports, { filter, perSecond: body.per_second, by });
    return answer(202, presentOperation(operation));
  },
);

type AdminFilterFields = DivertedFilterFields & Pick<z.output<typeof adminDivertedQuery>, 'org' | 'webhook_id'>;

async function filterOf(
  orgs: Pick<OrgStore, 'bySlug'>,
  fields: AdminFilterFields,
  orgField: string,
): Promise<DivertedFilter> {
  const orgId = await orgIdOf(orgs, fields.org, orgField);
  return { ...divertedFilterOf(fields), orgId, webhookId: fields.webhook_id };
}

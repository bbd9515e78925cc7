import { DomainError } from '@hooklane/domain';
import type { DivertedEvent } from '@hooklane/engine';
import { previewOn, previewResend, resendAcrossWebhooks, resendAll, resendOne } from '@hooklane/engine';
import { z } from 'zod';
import { answer, withPayload } from '../../contract/answer.ts';
import { idOf, waitQuery } from '../../contract/fields.ts';
import { pageOf, pageRequestOf, presentPage } from '../../contract/paging.ts';
import { route } from '../../contract/route.ts';
import { answerStarted, startedAnswers } from '../deliveries/started.ts';
import { answerDryRun, dryRun, dryRunSchema } from '../operations/dry-run.ts';
import { operationSchema, presentOperation } from '../operations/operation.ts';
import { namedWebhook, webhookOf, webhookParam } from '../webhooks/named-webhook.ts';
import { divertedEventSchema, divertedEventWithPayloadSchema, presentDiverted } from './diverted-event.ts';
import { divertedFilter, divertedFilterOf, divertedQuery, perSecond } from './diverted-filter.ts';

const resendBody = z
  .strictObject({
    filter: z.strictObject(divertedFilter).partial().default({}),
    per_second: perSecond,
    dry_run: dryRun,
  })
  .meta({ id: 'ResendDiverted', examples: [{ filter: { reasons: ['suspended'] }, per_second: 50 }] });

const eventParam = { ...webhookParam, event: idOf('evt', 'an event') };

export const listDiverted = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/webhooks/:id/diverted',
    operationId: 'listDiverted',
    summary: 'List the diverted events of a webhook',
    description: 'Newest first.',
    tag: 'Diverted events',
    access: 'diverted:list',
    params: webhookParam,
    query: z.strictObject(divertedQuery),
    answers: { 200: pageOf('DivertedEventPage', divertedEventSchema) },
    problems: ['invalid_cursor'],
  },
  async (call, { ports }) => {
    const { reason, event_type, ...query } = call.query;
    const { orgId, id } = await webhookOf(call, ports.webhooks);
    const filter = divertedFilterOf({ ...query, reasons: reason, event_types: event_type });
    const page = await ports.diverted.list({ ...filter, orgId, webhookId: id }, pageRequestOf(query));
    return answer(200, presentPage(page, presentDiverted));
  },
);

export const getDiverted = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/webhooks/:id/diverted/:event',
    operationId: 'getDiverted',
    summary: 'Read a diverted event',
    description: 'With its payload, byte for byte as it was published.',
    tag: 'Diverted events',
    access: 'diverted:read',
    params: eventParam,
    answers: { 200: divertedEventWithPayloadSchema },
    problems: ['not_diverted'],
  },
  async (call, { ports }) => {
    const webhook = await webhookOf(call, ports.webhooks);
    const diverted = mustBeDiverted(await ports.diverted.get(webhook, call.params.event));
    return answer(200, withPayload(presentDiverted(diverted), diverted.payload ?? Buffer.from('null')));
  },
);

export const deleteDiverted = route(
  {
    method: 'DELETE',
    path: '/v1/orgs/:org/webhooks/:id/diverted/:event',
    operationId: 'deleteDiverted',
    summary: 'Give up a diverted event',
    description: 'Its delivery ends as discarded, reason `divert_removed`.',
    tag: 'Diverted events',
    access: 'diverted:delete',
    params: eventParam,
    answers: { 204: null },
    problems: ['not_diverted'],
  },
  async (call, { ports }) => {
    const webhook = await webhookOf(call, ports.webhooks);
    mustBeDiverted((await ports.diverted.delete({ ...webhook, by: call.by }, call.params.event)) || null);
    return answer(204);
  },
);

export const resendDiverted = route(
  {
    method: 'POST',
    path: '/v1/orgs/:org/webhooks/:id/diverted/:event/resend',
    operationId: 'resendDiverted',
    summary: 'Send a diverted event again',
    description: 'Byte for byte, with the same `webhook-id` and a new budget of retries.',
    tag: 'Diverted events',
    access: 'diverted:resend',
    params: eventParam,
    query: waitQuery,
    answers: startedAnswers,
    problems: ['not_diverted', 'webhook_not_active'],
  },
  async (call, context) => {
    const webhook = await webhookOf(call, context.ports.webhooks);
    const { deliveryId, attempt } = await resendOne(context.ports, webhook, call.params.event);
    return answerStarted(call, { webhook, deliveryId, number: attempt }, context);
  },
);

export const resendAllDiverted = route(
  {
    method: 'POST',
    path: '/v1/orgs/:org/webhooks/:id/diverted/resend',
    operationId: 'resendAllDiverted',
    summary: 'Send the diverted events of a webhook again',
    description: 'Oldest first, bounded to what was diverted before the call. A filter narrows it down.',
    tag: 'Diverted events',
    access: 'diverted:resend',
    params: webhookParam,
    optionalBody: resendBody,
    answers: { 200: dryRunSchema, 202: operationSchema },
    problems: ['too_many_operations', 'webhook_not_active'],
  },
  async (call, { ports }) => {
    const filter = divertedFilterOf(call.body.filter);
    if (call.body.dry_run) return answerDryRun(await previewOn(ports, namedWebhook(call), { filter }));
    const operation = await resendAll(ports, namedWebhook(call), { filter, perSecond: call.body.per_second });
    return answer(202, presentOperation(operation));
  },
);

export const listOrgDiverted = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/diverted',
    operationId: 'listOrgDiverted',
    summary: 'List the diverted events of all webhooks',
    description: 'Newest first.',
    tag: 'Diverted events',
    access: 'diverted:list',
    query: z.strictObject(divertedQuery),
    answers: { 200: pageOf('OrgDivertedEventPage', divertedEventSchema) },
    problems: ['invalid_cursor'],
  },
  async (call, { ports }) => {
    const { reason, event_type, ...query } = call.query;
    const filter = divertedFilterOf({ ...query, reasons: reason, event_types: event_type });
    const page = await ports.diverted.list({ ...filter, orgId: call.org.id }, pageRequestOf(query));
    return answer(200, presentPage(page, presentDiverted));
  },
);

export const resendOrgDiverted = route(
  {
    method: 'POST',
    path: '/v1/orgs/:org/diverted/resend',
    operationId: 'resendOrgDiverted',
    summary: 'Send the diverted events of all webhooks again',
    description:
      'Oldest first, bounded to what was diverted before the call. Those of webhooks that are not active stay.',
    tag: 'Diverted events',
    access: 'diverted:resend',
    optionalBody: resendBody,
    answers: { 200: dryRunSchema, 202: operationSchema },
    problems: ['too_many_operations'],
  },
  async ({ org, body, by }, { ports }) => {
    const filter = divertedFilterOf(body.filter);
    if (body.dry_run) return answerDryRun(await previewResend(ports, { ...filter, orgId: org.id }));
    const operation = await resendAcrossWebhooks(ports, org.id, { filter, perSecond: body.per_second, by });
    return answer(202, presentOperation(operation));
  },
);

function mustBeDiverted<T extends DivertedEvent | true>(diverted: T | null): T {
  if (diverted === null) throw new DomainError('not_diverted');
  return diverted;
}

import { found } from '@hooklane/engine';
import { answer } from '../../contract/answer.ts';
import { idOf } from '../../contract/fields.ts';
import { pageOf, pageRequestOf, presentPage } from '../../contract/paging.ts';
import { route } from '../../contract/route.ts';
import { operationParam, operationQuery, operationSchema, presentOperation } from './operation.ts';

export const listOperations = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/operations',
    operationId: 'listOperations',
    summary: 'List the operations of an org',
    description: 'Newest first; those that have ended are kept for a while.',
    tag: 'Operations',
    access: 'deliveries:read',
    query: operationQuery.extend({ webhook_id: idOf('wh', 'a webhook').optional() }),
    answers: { 200: pageOf('OperationPage', operationSchema) },
    problems: ['invalid_cursor'],
  },
  async ({ org, query }, { ports }) => {
    const filter = { orgId: org.id, webhookId: query.webhook_id, kind: query.kind, state: query.state };
    return answer(200, presentPage(await ports.operations.list(filter, pageRequestOf(query)), presentOperation));
  },
);

export const getOperation = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/operations/:id',
    operationId: 'getOperation',
    summary: 'Tell how far an operation is',
    tag: 'Operations',
    access: 'deliveries:read',
    params: operationParam,
    answers: { 200: operationSchema },
  },
  async ({ org, params }, { ports }) => {
    return answer(200, presentOperation(found(await ports.operations.get(org.id, params.id))));
  },
);

export const cancelOperation = route(
  {
    method: 'POST',
    path: '/v1/orgs/:org/operations/:id/cancel',
    operationId: 'cancelOperation',
    summary: 'End an operation',
    description: 'What it has done stays done. One that has ended already stays as it is.',
    tag: 'Operations',
    access: 'deliveries:resend',
    params: operationParam,
    answers: { 200: operationSchema },
  },
  async ({ org, params, by }, { ports }) => {
    return answer(200, presentOperation(found(await ports.operations.cancel({ orgId: org.id, id: params.id, by }))));
  },
);

import { found } from '@hooklane/engine';
import { answer } from '../../contract/answer.ts';
import { orgSlug } from '../../contract/fields.ts';
import { pageOf, pageRequestOf, presentPage } from '../../contract/paging.ts';
import { route } from '../../contract/route.ts';
import { operationParam, operationQuery, operationSchema, presentOperation } from '../operations/operation.ts';
import { orgIdOf } from './named-org.ts';

export const listAllOperations = route(
  {
    method: 'GET',
    path: '/v1/admin/operations',
    operationId: 'listAllOperations',
    summary: 'List the operations of all orgs',
    description: 'Newest first; those across orgs among them.',
    tag: 'Operator',
    access: 'operator',
    query: operationQuery.extend({ org: orgSlug.optional() }),
    answers: { 200: pageOf('AdminOperationPage', operationSchema) },
    problems: ['invalid_cursor'],
  },
  async ({ query }, { ports }) => {
    const orgId = await orgIdOf(ports.orgs, query.org, 'org');
    const page = await ports.operations.list({ orgId, kind: query.kind, state: query.state }, pageRequestOf(query));
    return answer(200, presentPage(page, presentOperation));
  },
);

export const getAnyOperation = route(
  {
    method: 'GET',
    path: '/v1/admin/operations/:id',
    operationId: 'getAnyOperation',
    summary: 'Tell how far an operation is, of whatever org',
    tag: 'Operator',
    access: 'operator',
    params: operationParam,
    answers: { 200: operationSchema },
  },
  async ({ params }, { ports }) => {
    return answer(200, presentOperation(found(await ports.operations.get(null, params.id))));
  },
);

export const cancelAnyOperation = route(
  {
    method: 'POST',
    path: '/v1/admin/operations/:id/cancel',
    operationId: 'cancelAnyOperation',
    summary: 'End an operation, of whatever org',
    description: 'What it has done stays done. One that has ended already stays as it is.',
    tag: 'Operator',
    access: 'operator',
    params: operationParam,
    answers: { 200: operationSchema },
  },
  async ({ params, by }, { ports }) => {
    return answer(200, presentOperation(found(await ports.operations.cancel({ orgId: null, id: params.id, by }))));
  },
);

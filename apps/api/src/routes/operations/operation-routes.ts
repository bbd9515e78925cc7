import { found } from '@hooklane/engine';
import { answer } from '../../contract/answer.ts';
import { idOf } from '../../contract/fields.ts';
import { route } from '../../contract/route.ts';
import { operationSchema, presentOperation } from './operation.ts';

export const getOperation = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/operations/:id',
    operationId: 'getOperation',
    summary: 'Tell how far an operation is',
    tag: 'Operations',
    access: 'diverted:read',
    params: { id: idOf('op', 'an operation') },
    answers: { 200: operationSchema },
  },
  async ({ org, params }, { ports }) => {
    return answer(200, presentOperation(found(await ports.diverted.operation(org.id, params.id))));
  },
);

import { found } from '@hooklane/engine';
import type { FastifyInstance } from 'fastify';
import { orgOf } from '../authenticate.ts';
import { paramId } from '../parse.ts';
import { presentOperation } from '../present.ts';
import type { RouteContext } from './context.ts';

export function operationRoutes(app: FastifyInstance, { ports, gates }: RouteContext): void {
  app.get('/v1/orgs/:org/operations/:id', gates.org('diverted:read'), async (request) => {
    const id = paramId(request, 'id', 'op');
    return presentOperation(found(await ports.diverted.operation(orgOf(request).id, id)));
  });
}

import type { FastifyInstance } from 'fastify';
import { adminRoutes } from './admin.ts';
import { attemptRoutes } from './attempts.ts';
import type { RouteContext } from './context.ts';
import { divertedRoutes } from './diverted.ts';
import { eventRoutes } from './events.ts';
import { healthRoutes } from './health.ts';
import { keyRoutes } from './keys.ts';
import { operationRoutes } from './operations.ts';
import { orgRoutes } from './orgs.ts';
import { webhookActionRoutes } from './webhook-actions.ts';
import { webhookRoutes } from './webhooks.ts';

/** All of the API; the paths are written out in full in each file, so that they can be searched for. */
export function registerRoutes(app: FastifyInstance, context: RouteContext): void {
  eventRoutes(app, context);
  webhookRoutes(app, context);
  webhookActionRoutes(app, context);
  attemptRoutes(app, context);
  divertedRoutes(app, context);
  operationRoutes(app, context);
  orgRoutes(app, context);
  keyRoutes(app, context);
  adminRoutes(app, context);
  healthRoutes(app, context);
}

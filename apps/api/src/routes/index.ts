import type { Route } from '../contract/route.ts';
import * as adminMaintenance from './admin/admin-maintenance-routes.ts';
import * as adminOperations from './admin/admin-operation-routes.ts';
import * as adminPauses from './admin/admin-pause-routes.ts';
import * as adminQueues from './admin/admin-queue-routes.ts';
import * as admin from './admin/admin-routes.ts';
import * as adminWebhooks from './admin/admin-webhook-routes.ts';
import * as audit from './audit/audit-routes.ts';
import * as attempts from './deliveries/attempt-routes.ts';
import * as deliveries from './deliveries/delivery-routes.ts';
import * as diverted from './diverted/diverted-routes.ts';
import * as docs from './docs/docs-routes.ts';
import * as eventTypes from './event-types/event-type-routes.ts';
import * as batches from './events/batch-routes.ts';
import * as events from './events/event-routes.ts';
import * as stream from './events/stream-routes.ts';
import * as health from './health/health-routes.ts';
import * as keys from './keys/key-routes.ts';
import * as operations from './operations/operation-routes.ts';
import * as startedOperations from './operations/start-routes.ts';
import * as orgPauses from './orgs/org-pause-routes.ts';
import * as orgs from './orgs/org-routes.ts';
import * as stats from './stats/stats-routes.ts';
import * as secrets from './webhooks/secret-routes.ts';
import * as webhookActions from './webhooks/webhook-action-routes.ts';
import * as webhookPauses from './webhooks/webhook-pause-routes.ts';
import * as webhooks from './webhooks/webhook-routes.ts';

/** The whole API: whatever a file of routes exports is served and documented. */
export const ROUTES: readonly Route[] = [
  events,
  batches,
  stream,
  eventTypes,
  webhooks,
  webhookActions,
  webhookPauses,
  secrets,
  attempts,
  deliveries,
  diverted,
  operations,
  startedOperations,
  stats,
  orgs,
  orgPauses,
  keys,
  audit,
  admin,
  adminMaintenance,
  adminOperations,
  adminQueues,
  adminPauses,
  adminWebhooks,
  docs,
  health,
].flatMap((file) => Object.values(file));

import { answer } from '../../contract/answer.ts';
import { route } from '../../contract/route.ts';
import { webhookOf, webhookParam } from '../webhooks/named-webhook.ts';
import { presentStats, statsSchema } from './stats.ts';

export const webhookStats = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/webhooks/:id/stats',
    operationId: 'getWebhookStats',
    summary: 'Read the statistics of a webhook',
    tag: 'Statistics',
    access: 'stats:read',
    params: webhookParam,
    answers: { 200: statsSchema },
  },
  async (call, { ports }) => {
    const { orgId, id } = await webhookOf(call, ports.webhooks);
    return answer(200, presentStats(await ports.stats.ofWebhook(orgId, id)));
  },
);

export const orgStats = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/stats',
    operationId: 'getOrgStats',
    summary: 'Read the statistics of an org',
    description: 'Over all its webhooks, deleted ones included.',
    tag: 'Statistics',
    access: 'stats:read',
    answers: { 200: statsSchema },
  },
  async ({ org }, { ports }) => answer(200, presentStats(await ports.stats.ofOrg(org.id))),
);

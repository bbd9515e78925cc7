import type { Org, OrgStore } from '@hooklane/engine';
import { found } from '@hooklane/engine';
import { answer } from '../../contract/answer.ts';
import { route } from '../../contract/route.ts';
import { orgSchema, presentOrg } from './org.ts';

export const pauseOrg = route(
  {
    method: 'POST',
    path: '/v1/orgs/:org/pause',
    operationId: 'pauseOrg',
    summary: 'Keep the deliveries of an org waiting',
    description: 'Its events are accepted and stay pending; nothing is sent, retried or diverted until it is resumed.',
    tag: 'Orgs',
    access: 'operator',
    answers: { 200: orgSchema },
  },
  async ({ params, by }, { ports }) => {
    const { id: orgId } = await named(ports.orgs, params.org);
    found((await ports.pauses.pause({ scope: 'org', orgId }, by)) || null);
    return answer(200, presentOrg(await named(ports.orgs, params.org)));
  },
);

export const resumeOrg = route(
  {
    method: 'POST',
    path: '/v1/orgs/:org/resume',
    operationId: 'resumeOrg',
    summary: 'Let the deliveries of an org go on',
    description: 'What waited is sent, oldest first. Pauses of its webhooks, or of all deliveries, stay.',
    tag: 'Orgs',
    access: 'operator',
    answers: { 200: orgSchema },
  },
  async ({ params, by }, { ports }) => {
    const { id: orgId } = await named(ports.orgs, params.org);
    found((await ports.pauses.resume({ scope: 'org', orgId }, by)) || null);
    ports.queue.leaveToStore();
    return answer(200, presentOrg(await named(ports.orgs, params.org)));
  },
);

async function named(orgs: OrgStore, slug: string): Promise<Org> {
  return found(await orgs.bySlug(slug));
}

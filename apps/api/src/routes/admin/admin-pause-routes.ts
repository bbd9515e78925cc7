import { answer } from '../../contract/answer.ts';
import { route } from '../../contract/route.ts';
import { pausesSchema, tellPauses } from './pauses.ts';

export const getPauses = route(
  {
    method: 'GET',
    path: '/v1/admin/pauses',
    operationId: 'getPauses',
    summary: 'Tell whose deliveries are paused',
    tag: 'Operator',
    access: 'operator',
    answers: { 200: pausesSchema },
  },
  async (_, { ports }) => answer(200, await tellPauses(ports.pauses)),
);

export const pauseAll = route(
  {
    method: 'POST',
    path: '/v1/admin/pause',
    operationId: 'pauseAll',
    summary: 'Keep all deliveries waiting',
    description:
      'Events are accepted and stay pending; no worker sends, retries or diverts anything until they are resumed. Attempts under way end.',
    tag: 'Operator',
    access: 'operator',
    answers: { 200: pausesSchema },
  },
  async ({ by }, { ports }) => {
    await ports.pauses.pause({ scope: 'all' }, by);
    return answer(200, await tellPauses(ports.pauses));
  },
);

export const resumeAll = route(
  {
    method: 'POST',
    path: '/v1/admin/resume',
    operationId: 'resumeAll',
    summary: 'Let deliveries go on',
    description: 'Ends the pause of all deliveries. Orgs and webhooks that are paused by themselves stay so.',
    tag: 'Operator',
    access: 'operator',
    answers: { 200: pausesSchema },
  },
  async ({ by }, { ports }) => {
    await ports.pauses.resume({ scope: 'all' }, by);
    ports.queue.leaveToStore();
    return answer(200, await tellPauses(ports.pauses));
  },
);

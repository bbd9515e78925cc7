import { answer } from '../../contract/answer.ts';
import { route } from '../../contract/route.ts';
import { presentQueues, queuesSchema } from './queues.ts';

export const getQueues = route(
  {
    method: 'GET',
    path: '/v1/admin/queues',
    operationId: 'getQueues',
    summary: 'Tell how much there is to do',
    description:
      'Counted at this moment, over all orgs: with millions of pending deliveries that takes a second. Of diverted events more than about 10,000 are estimated.',
    tag: 'Operator',
    access: 'operator',
    answers: { 200: queuesSchema },
  },
  async (_, { ports }) => answer(200, presentQueues(await ports.operator.queues(), ports.queue.state)),
);

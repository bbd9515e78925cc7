import { z } from 'zod';
import { answer, pageOfTexts, withPayload } from '../../contract/answer.ts';
import { eventPattern, moment, repeatable } from '../../contract/fields.ts';
import { pageOf, pageQuery, pageRequestOf } from '../../contract/paging.ts';
import { route } from '../../contract/route.ts';
import { visibleAscii } from './envelope.ts';
import { presentStored, storedEventSchema } from './event.ts';

const filter = {
  since: moment.optional().describe('Accepted at or after.'),
  until: moment.optional().describe('Accepted before.'),
  type: repeatable(z.array(eventPattern).min(1).max(32)).describe('Event types or patterns, of which one must fit.'),
  request_id: visibleAscii.optional().describe('Published with this `request_id`, or by this request.'),
  external_id: visibleAscii.optional().describe("The producer's own id; old ones may be used again."),
};

const eventPage = pageOf('EventPage', storedEventSchema)
  .extend({
    resume_cursor: z
      .string()
      .describe(
        'Keep it, and pass it as `cursor` later: the answer then has what was stored since, and nothing twice.',
      ),
  })
  .meta({
    id: 'EventPage',
    examples: [{ data: storedEventSchema.meta()?.['examples'], next_cursor: null, resume_cursor: 'WyI4MTUiLCIwIl0' }],
  });

export const listEvents = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/events',
    operationId: 'listEvents',
    summary: 'Follow the stream of events',
    description:
      'In the order in which they were stored for good, which may differ a little from that of `created_at`. A page may have fewer events than `limit`, or none, and yet a `next_cursor`: go on until that is null, then keep `resume_cursor` and come back with it. Whoever does so sees each event exactly once, as long as it returns while events are kept (30 days unless the operator set another time). Pass the same filters with a cursor. An event shows up when all transactions older than its own have ended, usually within milliseconds. A page has at most 4 MiB of payloads, or one event.',
    tag: 'Events',
    access: 'events:read',
    query: z.strictObject({ ...pageQuery, ...filter }),
    answers: { 200: eventPage },
    problems: ['invalid_cursor'],
  },
  async ({ org, query }, { ports }) => {
    const { type: types, request_id: requestId, external_id: externalId, since, until, ...page } = query;
    const asked = { since, until, types, requestId, externalId };
    const { data, nextCursor, resumeCursor } = await ports.stream.read(org.id, asked, pageRequestOf(page));
    const texts = data.map((event) => withPayload(presentStored(event), event.payload));
    return answer(200, pageOfTexts(texts, { next_cursor: nextCursor, resume_cursor: resumeCursor }));
  },
);

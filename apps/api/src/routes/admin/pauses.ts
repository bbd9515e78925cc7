import { formatId } from '@hooklane/domain';
import type { ListedPause, PauseStore } from '@hooklane/engine';
import { z } from 'zod';
import { idText, time, timestamp } from '../../contract/fields.ts';
import { pauseScope } from '../../contract/pause.ts';

/** So many are told one by one. */
export const SHOWN_PAUSES = 100;

export const pausesSchema = z
  .strictObject({
    counts: z.strictObject({ all: z.int().describe('0 or 1.'), org: z.int(), webhook: z.int() }),
    pauses: z
      .array(
        z.strictObject({
          scope: pauseScope,
          org_id: idText('org').nullable(),
          webhook_id: idText('wh').nullable(),
          at: timestamp,
        }),
      )
      .describe(`The first ${SHOWN_PAUSES} of them, the widest first, then the oldest.`),
  })
  .meta({
    id: 'Pauses',
    examples: [
      {
        counts: { all: 0, org: 1, webhook: 0 },
        pauses: [
          {
            scope: 'org',
            org_id: 'org_01ja8v5qk3f7nr2xw9m4t6y0bc',
            webhook_id: null,
            at: '2026-01-02T03:04:05.000Z',
          },
        ],
      },
    ],
  });

export async function tellPauses(store: Pick<PauseStore, 'list'>): Promise<z.output<typeof pausesSchema>> {
  const { counts, pauses } = await store.list(SHOWN_PAUSES);
  return { counts, pauses: pauses.map(present) };
}

function present(pause: ListedPause) {
  return {
    scope: pause.scope,
    org_id: pause.scope === 'all' ? null : formatId('org', pause.orgId),
    webhook_id: pause.scope === 'webhook' ? formatId('wh', pause.webhookId) : null,
    at: time(pause.at),
  };
}

import type { WebhookId } from '@hooklane/domain';
import type { FailureRuns } from '@hooklane/engine';
import { createBatcher } from '@hooklane/runtime';
import type { Pool } from 'pg';
import { isConnectionError } from './connection-errors.ts';

const BATCH = { maxItems: 200, concurrency: 1 };

/** How long webhooks have failed. Questions that come together share a statement: after a restart there may be many. */
export function createFailureRuns(pool: Pool): FailureRuns {
  const questions = createBatcher<WebhookId, number | null>({
    ...BATCH,
    isTransient: isConnectionError,
    async run(webhookIds) {
      const { rows } = await pool.query<{ id: WebhookId; ms: number }>(LASTED, [webhookIds]);
      const lasted = new Map(rows.map(({ id, ms }) => [id, ms]));
      return webhookIds.map((id) => lasted.get(id) ?? null);
    },
  });
  return { lastedMs: (webhookId) => questions.submit(webhookId) };
}

const LASTED = `
  SELECT webhook_id AS id, greatest(0, extract(epoch FROM now() - first_failure_at) * 1000)::float8 AS ms
  FROM webhook_health WHERE webhook_id = ANY($1::uuid[]) AND failures > 0 AND first_failure_at IS NOT NULL`;

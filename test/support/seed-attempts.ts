import { randomBytes } from 'node:crypto';
import type { AttemptId, DeliveryId, OrgId, WebhookId } from '@hooklane/domain';
import { asId, uuidV7 } from '@hooklane/domain';
import type { Database } from '@hooklane/postgres';

export interface SeededAttempts {
  orgId: OrgId;
  webhookId: WebhookId;
  count: number;
  /** Of the first one, ms since 1970; the others follow a millisecond apart. Default: an hour ago. */
  startMs?: number;
  /** Default: none in particular. */
  deliveryId?: DeliveryId;
  /** Default: accepted, 200. */
  outcome?: 'accepted' | 'rejected';
  responseBody?: Buffer;
}

/** Attempts as the log has them, numbered from 1; their ids, oldest first. */
export async function seedAttempts({ pool }: Pick<Database, 'pool'>, seed: SeededAttempts): Promise<AttemptId[]> {
  const { startMs = Date.now() - 3_600_000, outcome = 'accepted' } = seed;
  const ids = Array.from({ length: seed.count }, (_, n) => asId('att', uuidV7(startMs + n, randomBytes(10))));
  await pool.query(
    `INSERT INTO attempts (webhook_id, id, org_id, delivery_id, event_id, event_type, number, origin, outcome, status,
                           started_at, duration_ms, url, request_headers, response_body, response_truncated, next_step)
     SELECT $1, id, $2, $4, $4, 'invoice.paid', n, 'event', $5, CASE $5 WHEN 'accepted' THEN 200 ELSE 500 END,
            now(), 12, 'https://receiver.example/hook', '{"x-masked": "***"}', $6, false,
            CASE $5 WHEN 'accepted' THEN 'delivered' ELSE 'retry' END
     FROM unnest($3::uuid[]) WITH ORDINALITY AS i(id, n)`,
    [
      seed.webhookId,
      seed.orgId,
      ids,
      seed.deliveryId ?? uuidV7(startMs, randomBytes(10)),
      outcome,
      seed.responseBody ?? null,
    ],
  );
  return ids;
}

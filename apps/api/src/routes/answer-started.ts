import type { DeliveryId } from '@hooklane/domain';
import { formatId } from '@hooklane/domain';
import type { Webhook } from '@hooklane/engine';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { presentAttempt } from '../present-history.ts';
import type { AttemptWait } from '../wait-for-attempt.ts';

/** The attempt that a call has caused; a worker makes it. */
export interface Started {
  webhook: Webhook;
  deliveryId: DeliveryId;
  number: number;
}

/** What a worker may need on top of the attempt itself, to take it up and to record it. */
const WORKER_MS = 5_000;

/** 200 with the attempt when `wait` is there and it was over in time, otherwise 202: it is under way. */
export async function answerStarted(
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  { webhook, deliveryId, number }: Started,
  wait: AttemptWait | null,
): Promise<FastifyReply> {
  const attempt = await wait?.until(
    { orgId: webhook.orgId, webhookId: webhook.id, deliveryId, number },
    { timeoutMs: webhook.timeoutMs + WORKER_MS, isGone: () => request.socket.destroyed },
  );
  if (attempt) return reply.code(200).send(presentAttempt(attempt));
  return reply.code(202).send({
    delivery_id: formatId('dlv', deliveryId),
    webhook_id: formatId('wh', webhook.id),
    attempt: number,
  });
}

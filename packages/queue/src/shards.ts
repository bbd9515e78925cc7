import type { WebhookId } from '@hooklane/domain';

/** BullMQ's name of the queue; each shard has one under its own prefix. */
export const QUEUE_NAME = 'deliver';

/** The braces are a hash tag: all keys of a shard lie in one slot of a Redis Cluster. */
export function shardPrefix(prefix: string, shard: number): string {
  return `{${prefix}-${shard}}`;
}

/** By webhook, so that a delivery always finds the job it may already have. The last 32 bits of a UUIDv7 are random: no hash is needed. */
export function shardOf(webhookId: WebhookId, shards: number): number {
  return shards === 1 ? 0 : Number.parseInt(webhookId.slice(-8), 16) % shards;
}

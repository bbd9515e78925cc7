import { randomUUID } from 'node:crypto';
import type { Api, QueryOf } from './api.ts';
import type { NewBatchEvent, NewEvent } from './event-body.ts';
import { batchBody, eventBody } from './event-body.ts';
import type { Page } from './paging.ts';
import { listing } from './paging.ts';
import type { BatchItem, Delivery, EventPage, EventRecord, PublishedEvent, StoredEvent } from './types.ts';

export interface PublishOptions {
  /**
   * Publishing again with the same key gives the first answer and makes no second event. Default: a random one for
   * each publish, the same on all its retries; an event with an `id` of its own needs none. Give your own to cover a
   * restart of your process too.
   */
  idempotencyKey?: string;
}

export interface Events {
  /** Resolves when the event is stored safely; it is delivered after that. */
  publish(event: NewEvent, options?: PublishOptions): Promise<PublishedEvent>;
  /**
   * Publishes up to 1,000 events, each accepted or refused by itself; the items are in their order. Rejects only where
   * the batch as a whole was refused. Its key serves the events that have neither a key nor an `id` of their own.
   */
  publishBatch(events: readonly NewBatchEvent[], options?: PublishOptions): Promise<BatchItem[]>;
  /** One page of the stream; keep its `resume_cursor` and come back with it for what was stored since. */
  list(query?: QueryOf<'listEvents'>): Promise<EventPage>;
  /** What is stored by now, in the order in which it was. */
  all(query?: QueryOf<'listEvents'>): AsyncGenerator<StoredEvent, void>;
  /** With its first deliveries. */
  get(id: string): Promise<EventRecord>;
  /** Oldest first. */
  deliveries(id: string, query?: QueryOf<'listEventDeliveries'>): Promise<Page<Delivery>>;
}

export function eventsOf(api: Api, org: string): Events {
  return {
    async publish(event, options = {}) {
      // The API takes an event's own id for a key: a random one beside it would let the same event in twice.
      const key = options.idempotencyKey ?? (event.id === undefined ? randomUUID() : null);
      return api('publishEvent', { params: { org }, headers: keyed(key), rawBody: eventBody(event), repeat: 'always' });
    },
    async publishBatch(events, { idempotencyKey = randomUUID() } = {}) {
      const request = { headers: keyed(idempotencyKey), rawBody: batchBody(events), repeat: 'always' } as const;
      return (await api('publishEvents', { params: { org }, ...request })).data;
    },
    list: (query) => api('listEvents', { params: { org }, query }),
    all: (query) => listing(api, 'listEvents', { org }).all(query),
    get: (id) => api('getEvent', { params: { org, id } }),
    deliveries: (id, query) => listing(api, 'listEventDeliveries', { org, id }).list(query),
  };
}

function keyed(key: string | null): Record<string, string> {
  if (key === null) return {};
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new TypeError('idempotencyKey is not 1 to 255 visible ASCII characters.');
  }
  return { 'idempotency-key': key };
}

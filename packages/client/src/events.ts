import { randomUUID } from 'node:crypto';
import type { Api } from './api.ts';
import type { NewEvent } from './event-body.ts';
import { eventBody } from './event-body.ts';
import type { EventRecord, PublishedEvent } from './types.ts';

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
  get(id: string): Promise<EventRecord>;
}

export function eventsOf(api: Api, org: string): Events {
  return {
    async publish(event, options = {}) {
      // The API takes an event's own id for a key: a random one beside it would let the same event in twice.
      const key = options.idempotencyKey ?? (event.id === undefined ? randomUUID() : null);
      if (key !== null && !/^[\x21-\x7e]{1,255}$/.test(key)) {
        throw new TypeError('idempotencyKey is not 1 to 255 visible ASCII characters.');
      }
      const headers: Record<string, string> = key === null ? {} : { 'idempotency-key': key };
      return api('publishEvent', { params: { org }, headers, rawBody: eventBody(event), repeat: 'always' });
    },
    get: (id) => api('getEvent', { params: { org, id } }),
  };
}

import { DomainError, matchesType } from '@hooklane/domain';
import type { EventFilter, EventStream, StoredEvent } from '@hooklane/engine';
import { EVENT_PAGE_BYTES } from '@hooklane/engine';
import type { WorkRows } from './work-rows.ts';

/** Nothing in memory is ever half committed: the place in the stream is how many events came before. */
export function createMemoryEventStream(rows: WorkRows): EventStream {
  return {
    async read(orgId, filter, { limit, cursor }) {
      const all = [...rows.events.values()];
      const data: StoredEvent[] = [];
      let bytes = 0;
      for (let at = positionOf(cursor); at < all.length; at++) {
        const { orgId: owner, ...event } = all[at] ?? {};
        if (owner !== orgId || !isWanted(event as StoredEvent, filter)) continue;
        if (data.length === limit || bytes >= EVENT_PAGE_BYTES) return page(data, String(at));
        data.push(event as StoredEvent);
        bytes += (event as StoredEvent).payload.length;
      }
      return { ...page(data, String(all.length)), nextCursor: null };
    },
  };
}

function page(data: StoredEvent[], position: string) {
  return { data, nextCursor: position, resumeCursor: position };
}

function positionOf(cursor: string | null): number {
  if (cursor !== null && !/^\d+$/.test(cursor)) throw new DomainError('invalid_cursor');
  return Number(cursor ?? 0);
}

function isWanted(event: StoredEvent, { since, until, types, requestId, externalId }: EventFilter): boolean {
  return (
    (since === undefined || event.createdAt >= since) &&
    (until === undefined || event.createdAt < until) &&
    (types?.some((type) => matchesType(type, event.type)) ?? true) &&
    (requestId ?? event.requestId) === event.requestId &&
    (externalId ?? event.externalId) === event.externalId
  );
}

import type { EventId, OrgId } from '@hooklane/domain';
import type { Page, PageRequest } from './paging.ts';

/** An event as it is kept, for `Retention.eventsMs`. */
export interface StoredEvent {
  id: EventId;
  externalId: string | null;
  /** The producer's name for what caused the event, or the id of the request that published it. */
  requestId: string;
  type: string;
  /** Of the schema its payload was checked by; null: by none. */
  schemaVersion: number | null;
  attributes: Record<string, string>;
  /** The bytes as they were sent. */
  payload: Buffer;
  occurredAt: Date;
  /** When it was accepted, by the clock of the database. */
  createdAt: Date;
}

/** Which events are meant; all that is given must fit. */
export interface EventFilter {
  /** Accepted at or after. */
  since?: Date | undefined;
  /** Accepted before. */
  until?: Date | undefined;
  /** Types and patterns, of which one must fit. */
  types?: readonly string[] | undefined;
  requestId?: string | undefined;
  externalId?: string | undefined;
}

/** Payloads of one page, bytes; its first event is there whatever its size. */
export const EVENT_PAGE_BYTES = 4 * 1024 * 1024;

/**
 * `nextCursor` leads to what is there already, and is null where nothing is left for now. A page may have fewer events
 * than asked for, even none, and yet have one: so much was looked through without finding what fits.
 */
export interface EventPage extends Page<StoredEvent> {
  /** Always there: the place after everything this page covers, from where a later call goes on. */
  resumeCursor: string;
}

/**
 * The events of an org in the order in which they were committed, which is not that of their ids or times. Who goes on
 * from the last cursor gets every event that is committed later, once: none appears before a cursor that was given.
 * What commits while an older transaction is still open appears when that one has ended.
 */
export interface EventStream {
  /** Throws `invalid_cursor`. */
  read(orgId: OrgId, filter: EventFilter, page: PageRequest): Promise<EventPage>;
}

import type { Api, QueryOf } from './api.ts';
import type { ListingOf, Page } from './paging.ts';
import { listing } from './paging.ts';
import type { EventType, EventTypeBody, SchemaVersion } from './types.ts';

/** The catalogue: what types of events there are, and what their payloads are like. */
export interface EventTypes extends ListingOf<'listEventTypes'> {
  /** Replaces all that was said of the type; another schema makes a new version. */
  put(type: string, body: EventTypeBody): Promise<EventType>;
  /** With the schema that holds now, or of the version asked for. */
  get(type: string, query?: QueryOf<'getEventType'>): Promise<EventType>;
  delete(type: string): Promise<void>;
  /** Of its schema, newest first. */
  versions(type: string, query?: QueryOf<'listSchemaVersions'>): Promise<Page<SchemaVersion>>;
}

export function eventTypesOf(api: Api, org: string): EventTypes {
  return {
    ...listing(api, 'listEventTypes', { org }),
    put: (type, body) => api('putEventType', { params: { org, type }, body }),
    get: (type, query) => api('getEventType', { params: { org, type }, query }),
    delete: (type) => api('deleteEventType', { params: { org, type } }),
    versions: (type, query) => listing(api, 'listSchemaVersions', { org, type }).list(query),
  };
}

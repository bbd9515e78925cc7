import type { Api, QueryOf } from './api.ts';
import type { ReplayDiverted } from './api-types.ts';
import { perSecond } from './operations.ts';
import type { Page } from './paging.ts';
import { listing } from './paging.ts';
import type { AuditEntry, DivertedEvent, Operation, ResendOptions } from './types.ts';

/** Calls over all orgs. Needs the operator's key. */
export interface Admin {
  /** Resends the diverted events that match, of every org; after an outage of our own, say. */
  replayDiverted(filter: ReplayDiverted['filter'], options?: ResendOptions): Promise<Operation>;
  /** Diverted events of every org, newest first. */
  diverted(query?: QueryOf<'listAllDiverted'>): Promise<Page<DivertedEvent>>;
  /** Who changed what in all orgs, newest first. */
  audit(query?: QueryOf<'listAllAudit'>): Promise<Page<AuditEntry>>;
  operation(id: string): Promise<Operation>;
}

export function adminOf(api: Api): Admin {
  return {
    replayDiverted: (filter, options) => api('replayDiverted', { params: {}, body: { filter, ...perSecond(options) } }),
    diverted: (query) => listing(api, 'listAllDiverted', {}).list(query),
    audit: (query) => listing(api, 'listAllAudit', {}).list(query),
    operation: (id) => api('getAnyOperation', { params: { id } }),
  };
}

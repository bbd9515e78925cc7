import type { Send } from './http.ts';
import type { Page } from './paging.ts';
import { listing } from './paging.ts';
import { path } from './paths.ts';
import type { AdminDivertedFilter, AdminDivertedQuery, DivertedEvent, Operation, ResendOptions } from './types.ts';

/** Calls over all orgs. Needs the operator's key. */
export interface Admin {
  /** Resends the diverted events that match, of every org; after an outage of our own, say. */
  replayDiverted(filter: AdminDivertedFilter, options?: ResendOptions): Promise<Operation>;
  /** Diverted events of every org, newest first. */
  diverted(query?: AdminDivertedQuery): Promise<Page<DivertedEvent>>;
  operation(id: string): Promise<Operation>;
}

export function adminOf(send: Send): Admin {
  return {
    replayDiverted: (filter, { perSecond } = {}) => {
      const body = { filter, per_second: perSecond };
      return send({ method: 'POST', path: '/v1/admin/diverted/replay', body, repeat: 'if-not-done' });
    },
    diverted: (query) => listing<DivertedEvent, AdminDivertedQuery>(send, '/v1/admin/diverted').list(query),
    operation: async (id) => send({ method: 'GET', path: path`/v1/admin/operations/${id}`, repeat: 'always' }),
  };
}

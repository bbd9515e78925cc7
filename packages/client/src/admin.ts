import type { Send } from './http.ts';
import type { AdminDivertedFilter, Operation } from './types.ts';

/** Calls over all orgs. Needs the operator's key. */
export interface Admin {
  /** Resends the diverted events that match, of every org; after an outage of our own, say. */
  replayDiverted(filter: AdminDivertedFilter): Promise<Operation>;
}

export function adminOf(send: Send): Admin {
  return {
    replayDiverted: (filter) =>
      send({ method: 'POST', path: '/v1/admin/diverted/replay', body: { filter }, repeat: 'if-not-done' }),
  };
}

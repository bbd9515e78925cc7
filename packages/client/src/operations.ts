import type { Send } from './http.ts';
import { path } from './paths.ts';
import type { Operation } from './types.ts';

/** Resends and replays of many events. */
export interface Operations {
  get(id: string): Promise<Operation>;
}

export function operationsOf(send: Send, org: string): Operations {
  return {
    get: async (id) => send({ method: 'GET', path: path`/v1/orgs/${org}/operations/${id}`, repeat: 'always' }),
  };
}

import type { Api } from './api.ts';
import type { Operation, ResendOptions } from './types.ts';

/** Resends and replays of many events. */
export interface Operations {
  get(id: string): Promise<Operation>;
}

export function operationsOf(api: Api, org: string): Operations {
  return { get: (id) => api('getOperation', { params: { org, id } }) };
}

/** The field of a body that begins one; left out where the API's default will do. */
export function perSecond({ perSecond: given }: ResendOptions = {}): { per_second?: number } {
  return given === undefined ? {} : { per_second: given };
}

import type { Api } from './api.ts';
import type { ListingOf } from './paging.ts';
import { listing } from './paging.ts';
import type { Operation, ResendOptions } from './types.ts';

/** Work on many deliveries: resends, replays, retrying now, cancelling. */
export interface Operations extends ListingOf<'listOperations'> {
  get(id: string): Promise<Operation>;
  /** What it has done stays done. */
  cancel(id: string): Promise<Operation>;
}

export function operationsOf(api: Api, org: string): Operations {
  const of = (id: string) => ({ params: { org, id } });
  return {
    ...listing(api, 'listOperations', { org }),
    get: (id) => api('getOperation', of(id)),
    cancel: (id) => api('cancelOperation', { ...of(id), repeat: 'always' }),
  };
}

/** The field of a body that begins one; left out where the API's default will do. */
export function perSecond({ perSecond: given }: ResendOptions = {}): { per_second?: number } {
  return given === undefined ? {} : { per_second: given };
}

/** Asked without `dry_run`, it is one that has begun. */
export function begun(answer: Promise<Counted | Operation>): Promise<Operation> {
  return answer as Promise<Operation>;
}

/** Asked with it, it is what it would come to. */
export function counted<T extends Counted>(answer: Promise<T | Operation>): Promise<T> {
  return answer as Promise<T>;
}

interface Counted {
  dry_run: true;
}

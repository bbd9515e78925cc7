import type { Api } from './api.ts';
import type { ListingOf } from './paging.ts';
import { listing } from './paging.ts';
import type { NewOrg, Org } from './types.ts';

/** Needs the operator's key. */
export interface Orgs extends ListingOf<'listOrgs'> {
  create(org: NewOrg): Promise<Org>;
  get(slug: string): Promise<Org>;
  /** With its webhooks, events and logs. */
  delete(slug: string): Promise<void>;
}

export function orgsOf(api: Api): Orgs {
  return {
    ...listing(api, 'listOrgs', {}),
    create: (body) => api('createOrg', { params: {}, body }),
    get: (org) => api('getOrg', { params: { org } }),
    delete: (org) => api('deleteOrg', { params: { org } }),
  };
}

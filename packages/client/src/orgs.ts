import type { Api } from './api.ts';
import type { ListingOf } from './paging.ts';
import { listing } from './paging.ts';
import type { NewOrg, Org, OrgChange } from './types.ts';

/** Needs the operator's key. */
export interface Orgs extends ListingOf<'listOrgs'> {
  create(org: NewOrg): Promise<Org>;
  /** A key of the org with the scope `org:read` will do. */
  get(slug: string): Promise<Org>;
  update(slug: string, change: OrgChange): Promise<Org>;
  /** Keeps all its deliveries waiting, until `resume`. */
  pause(slug: string): Promise<Org>;
  resume(slug: string): Promise<Org>;
  /** With its webhooks, events and logs. */
  delete(slug: string): Promise<void>;
}

export function orgsOf(api: Api): Orgs {
  return {
    ...listing(api, 'listOrgs', {}),
    create: (body) => api('createOrg', { params: {}, body }),
    get: (org) => api('getOrg', { params: { org } }),
    update: (org, body) => api('updateOrg', { params: { org }, body }),
    pause: (org) => api('pauseOrg', { params: { org }, repeat: 'always' }),
    resume: (org) => api('resumeOrg', { params: { org }, repeat: 'always' }),
    delete: (org) => api('deleteOrg', { params: { org } }),
  };
}

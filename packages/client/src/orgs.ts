import type { Send } from './http.ts';
import type { Listing, PageQuery } from './paging.ts';
import { listing } from './paging.ts';
import { path } from './paths.ts';
import type { NewOrg, Org } from './types.ts';

/** Needs the operator's key. */
export interface Orgs extends Listing<Org, PageQuery> {
  create(org: NewOrg): Promise<Org>;
  get(slug: string): Promise<Org>;
  /** With its webhooks, events and logs. */
  delete(slug: string): Promise<void>;
}

export function orgsOf(send: Send): Orgs {
  return {
    ...listing(send, '/v1/orgs'),
    create: (org) => send({ method: 'POST', path: '/v1/orgs', body: org, repeat: 'if-not-done' }),
    get: async (slug) => send({ method: 'GET', path: path`/v1/orgs/${slug}`, repeat: 'always' }),
    delete: async (slug) => send({ method: 'DELETE', path: path`/v1/orgs/${slug}`, repeat: 'always' }),
  };
}

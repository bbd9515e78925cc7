import type { Api } from './api.ts';
import type { ListingOf } from './paging.ts';
import { listing } from './paging.ts';

/** Who changed what in an org, newest first. */
export type Audit = ListingOf<'listAudit'>;

export function auditOf(api: Api, org: string): Audit {
  return listing(api, 'listAudit', { org });
}

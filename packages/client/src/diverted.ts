import type { Api, QueryOf } from './api.ts';
import { begun, counted, perSecond } from './operations.ts';
import type { ListingOf, Page } from './paging.ts';
import { listing } from './paging.ts';
import type {
  DivertedEvent,
  DivertedEventWithPayload,
  DivertedFilter,
  DryRun,
  Operation,
  ResendOptions,
} from './types.ts';
import type { WaitOrStart } from './waiting.ts';
import { asked, waitFor } from './waiting.ts';

/** Events that were set aside for a webhook: its retries ran out, or it was suspended. */
export interface Diverted {
  list(webhookId: string, query?: QueryOf<'listDiverted'>): Promise<Page<DivertedEvent>>;
  all(webhookId: string, query?: QueryOf<'listDiverted'>): AsyncGenerator<DivertedEvent, void>;
  get(webhookId: string, eventId: string): Promise<DivertedEventWithPayload>;
  /** Sends one again, byte for byte; `wait` gives its attempt. It comes back here if it fails again. */
  resend: WaitOrStart<[webhookId: string, eventId: string]>;
  /** Sends all that match and were diverted before the call, oldest first. */
  resendAll(webhookId: string, filter?: DivertedFilter, options?: ResendOptions): Promise<Operation>;
  /** How many `resendAll` would send now; nothing is sent. */
  countResend(webhookId: string, filter?: DivertedFilter): Promise<DryRun>;
  delete(webhookId: string, eventId: string): Promise<void>;
  /** The same of all webhooks of the org. */
  ofOrg: ListingOf<'listOrgDiverted'> & {
    resendAll(filter?: DivertedFilter, options?: ResendOptions): Promise<Operation>;
    countResend(filter?: DivertedFilter): Promise<DryRun>;
  };
}

export function divertedOf(api: Api, org: string): Diverted {
  const one = (id: string, event: string) => ({ params: { org, id, event } });
  return {
    list: (id, query) => listing(api, 'listDiverted', { org, id }).list(query),
    all: (id, query) => listing(api, 'listDiverted', { org, id }).all(query),
    get: (id, event) => api('getDiverted', one(id, event)),
    resend: asked((id: string, event: string, options) =>
      api('resendDiverted', { ...one(id, event), ...waitFor(options) }),
    ),
    resendAll: (id, filter = {}, options) =>
      begun(api('resendAllDiverted', { params: { org, id }, body: { filter, ...perSecond(options) } })),
    countResend: (id, filter = {}) =>
      counted(api('resendAllDiverted', { params: { org, id }, body: { filter, dry_run: true }, repeat: 'always' })),
    delete: (id, event) => api('deleteDiverted', one(id, event)),
    ofOrg: {
      ...listing(api, 'listOrgDiverted', { org }),
      resendAll: (filter = {}, options) =>
        begun(api('resendOrgDiverted', { params: { org }, body: { filter, ...perSecond(options) } })),
      countResend: (filter = {}) =>
        counted(api('resendOrgDiverted', { params: { org }, body: { filter, dry_run: true }, repeat: 'always' })),
    },
  };
}

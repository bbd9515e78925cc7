import type { Api } from './api.ts';
import type { ListingOf } from './paging.ts';
import { listing } from './paging.ts';
import type { DeliveryDetail } from './types.ts';
import type { WaitOrStart } from './waiting.ts';
import { asked, waitFor } from './waiting.ts';

/** Deliveries of all webhooks of an org, those of the newest event first. */
export interface Deliveries extends ListingOf<'listOrgDeliveries'> {
  get(id: string): Promise<DeliveryDetail>;
  /** Makes one again that has ended, whatever became of it; `wait` gives its attempt. */
  redeliver: WaitOrStart<[id: string]>;
}

export function deliveriesOf(api: Api, org: string): Deliveries {
  const of = (id: string) => ({ params: { org, id } });
  return {
    ...listing(api, 'listOrgDeliveries', { org }),
    get: (id) => api('getDelivery', of(id)),
    redeliver: asked((id: string, options) => api('redeliver', { ...of(id), ...waitFor(options) })),
  };
}

import type { Admin } from './admin.ts';
import { adminOf } from './admin.ts';
import type { Api } from './api.ts';
import { apiOver } from './api.ts';
import type { Audit } from './audit.ts';
import { auditOf } from './audit.ts';
import type { Deliveries } from './deliveries.ts';
import { deliveriesOf } from './deliveries.ts';
import type { Diverted } from './diverted.ts';
import { divertedOf } from './diverted.ts';
import type { EventTypes } from './event-types.ts';
import { eventTypesOf } from './event-types.ts';
import type { Events } from './events.ts';
import { eventsOf } from './events.ts';
import type { ConnectionOptions } from './http.ts';
import { connect } from './http.ts';
import type { Keys } from './keys.ts';
import { keysOf } from './keys.ts';
import type { Operations } from './operations.ts';
import { operationsOf } from './operations.ts';
import type { Orgs } from './orgs.ts';
import { orgsOf } from './orgs.ts';
import { segment } from './paths.ts';
import type { Stats } from './types.ts';
import type { Webhooks } from './webhooks.ts';
import { webhooksOf } from './webhooks.ts';

export interface ClientOptions extends ConnectionOptions {
  /** The org's slug: `client.events` and its like are there only when it is given. */
  org?: string;
}

export interface Client {
  /** The calls of one org, over the same connections. */
  org(slug: string): OrgClient;
  orgs: Orgs;
  keys: Keys;
  admin: Admin;
  /** Ends idle connections and aborts calls under way; later calls reject. Of all orgs of this client. */
  close(): void;
}

export interface OrgClient {
  slug: string;
  events: Events;
  eventTypes: EventTypes;
  webhooks: Webhooks;
  deliveries: Deliveries;
  diverted: Diverted;
  operations: Operations;
  audit: Audit;
  /** What was counted over the last hour and day, over all its webhooks. */
  stats(): Promise<Stats>;
}

/**
 * A client of the Hooklane API. Make one and keep it: it holds open connections until `close`.
 *
 * @throws {TypeError} when an option could never work.
 */
export function createClient(options: ClientOptions & { org: string }): Client & OrgClient;
export function createClient(options: ClientOptions): Client;
export function createClient({ org, ...options }: ClientOptions): Client | (Client & OrgClient) {
  const { send, close } = connect(options);
  const api = apiOver(send);
  const client: Client = {
    org: (slug) => orgClient(api, slug),
    orgs: orgsOf(api),
    keys: keysOf(api),
    admin: adminOf(api),
    close,
  };
  return org === undefined ? client : { ...client, ...orgClient(api, org) };
}

function orgClient(api: Api, slug: string): OrgClient {
  // Refused here and now, not at the first call.
  segment(slug);
  return {
    slug,
    events: eventsOf(api, slug),
    eventTypes: eventTypesOf(api, slug),
    webhooks: webhooksOf(api, slug),
    deliveries: deliveriesOf(api, slug),
    diverted: divertedOf(api, slug),
    operations: operationsOf(api, slug),
    audit: auditOf(api, slug),
    stats: () => api('getOrgStats', { params: { org: slug } }),
  };
}

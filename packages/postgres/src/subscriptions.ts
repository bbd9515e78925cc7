import type { OrgId } from '@hooklane/domain';
import { DomainError } from '@hooklane/domain';
import type { OrgSubscriptions, Subscriptions } from '@hooklane/engine';
import type { Pool } from 'pg';
import { named } from './database.ts';
import { LruMap } from './lru-map.ts';

const CACHED_ORGS = 10_000;

/**
 * The webhooks events are matched against, cached per org. The cache may be old: storing an event checks the version it
 * was matched against in the same transaction, so that no event is ever stored with an old set of webhooks.
 */
export function createSubscriptions(pool: Pool): Subscriptions {
  const cache = new LruMap<OrgId, Promise<OrgSubscriptions>>(CACHED_ORGS);

  function load(orgId: OrgId): Promise<OrgSubscriptions> {
    const loading = read(pool, orgId);
    cache.set(orgId, loading);
    loading.catch(() => {
      if (cache.get(orgId) === loading) cache.delete(orgId);
    });
    return loading;
  }

  return { of: (orgId, fresh) => (fresh ? undefined : cache.get(orgId)) ?? load(orgId) };
}

/** One statement, one snapshot: the version and the webhooks belong together. */
const subscriptionsStatement = named(
  'org_subscriptions',
  `SELECT o.config_version, w.id, w.events, w.filters
   FROM orgs o LEFT JOIN webhooks w ON w.org_id = o.id AND w.deleted_at IS NULL AND w.enabled
   WHERE o.id = $1 AND o.deleted_at IS NULL`,
);

interface SubscriptionRow {
  config_version: string;
  id: OrgSubscriptions['webhooks'][number]['id'] | null;
  events: string[];
  filters: Record<string, string[]> | null;
}

async function read(pool: Pool, orgId: OrgId): Promise<OrgSubscriptions> {
  const { rows } = await pool.query<SubscriptionRow>(subscriptionsStatement([orgId]));
  const [first] = rows;
  if (first === undefined) throw new DomainError('not_found');
  return {
    configVersion: BigInt(first.config_version),
    webhooks: rows.flatMap(({ id, events, filters }) => (id === null ? [] : [{ id, events, filters }])),
  };
}

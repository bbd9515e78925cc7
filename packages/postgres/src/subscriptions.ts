import { setImmediate } from 'node:timers/promises';
import type { KnownType, OrgId, TypeRules } from '@hooklane/domain';
import { DomainError } from '@hooklane/domain';
import type { OrgSubscriptions, Subscriptions } from '@hooklane/engine';
import type { Pool } from 'pg';
import { named } from './database.ts';
import { LruMap } from './lru-map.ts';

const CACHED_ORGS = 10_000;

/**
 * The webhooks and the catalogue events are held against, cached per org. The cache may be old: storing an event checks the version it
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

  const asked = new Map<OrgId, Promise<bigint | null>>();

  /** One question for all that ask in this turn, as a batch does whose events are all refused. */
  function versionOf(orgId: OrgId): Promise<bigint | null> {
    const shared = asked.get(orgId) ?? askedTogether(orgId);
    asked.set(orgId, shared);
    return shared;
  }

  async function askedTogether(orgId: OrgId): Promise<bigint | null> {
    await setImmediate();
    // Whoever asks from now on may know of a change that this answer does not.
    asked.delete(orgId);
    const { rows } = await pool.query<{ config_version: string }>(versionStatement([orgId]));
    return rows[0] === undefined ? null : BigInt(rows[0].config_version);
  }

  return { of: (orgId, fresh) => (fresh ? undefined : cache.get(orgId)) ?? load(orgId), versionOf };
}

const versionStatement = named('org_version', 'SELECT config_version FROM orgs WHERE id = $1 AND deleted_at IS NULL');

/** One statement, one snapshot, one row: the version, the webhooks and the catalogue belong together. */
const subscriptionsStatement = named(
  'org_subscriptions',
  `SELECT o.config_version, o.settings->>'unknownEventTypes' AS unknown_types,
     (SELECT json_agg(json_build_object('id', w.id, 'events', w.events, 'filters', w.filters) ORDER BY w.id)
      FROM webhooks w WHERE w.org_id = o.id AND w.deleted_at IS NULL AND w.enabled) AS webhooks,
     (SELECT json_agg(json_build_array(t.type, t.deprecated, t.schema_version,
               (SELECT json_agg(json_build_array(s.version, s.id)) FROM event_type_schemas s
                WHERE s.org_id = t.org_id AND s.type = t.type)))
      FROM event_types t WHERE t.org_id = o.id) AS types
   FROM orgs o WHERE o.id = $1 AND o.deleted_at IS NULL`,
);

type TypeRow = [type: string, deprecated: boolean, current: number | null, schemas: [number, string][] | null];

interface SubscriptionRow {
  config_version: string;
  unknown_types: string | null;
  webhooks: OrgSubscriptions['webhooks'] | null;
  types: TypeRow[] | null;
}

async function read(pool: Pool, orgId: OrgId): Promise<OrgSubscriptions> {
  const { rows } = await pool.query<SubscriptionRow>(subscriptionsStatement([orgId]));
  const [row] = rows;
  if (row === undefined) throw new DomainError('not_found');
  return { configVersion: BigInt(row.config_version), webhooks: row.webhooks ?? [], types: rulesOf(row) };
}

function rulesOf({ unknown_types, types }: SubscriptionRow): TypeRules | null {
  const unknown = unknown_types === 'refuse' ? 'refuse' : 'allow';
  if (types === null && unknown === 'allow') return null;
  const known = (types ?? []).map(([type, deprecated, current, schemas]): [string, KnownType] => [
    type,
    { deprecated, current, schemas: new Map(schemas) },
  ]);
  return { unknown, known: new Map(known) };
}

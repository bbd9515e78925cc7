import type { AuditEntry, AuditFilter, AuditLog, AuditRecord } from '@hooklane/engine';
import { createIdFactory } from '@hooklane/engine';
import { pageOf } from './paging.ts';
import type { World } from './world.ts';

let lastMs = 0;
/** Entries of one millisecond stay in the order they were written. */
const ids = createIdFactory(() => {
  lastMs = Math.max(lastMs + 1, Date.now());
  return lastMs;
});

/** Notes a change in the audit trail, as the stores on Postgres do in the transaction of the change. */
export function noteChange({ audit, slugs }: World, entry: AuditEntry): void {
  const { orgId, by, action, target, fields = [], details = {} } = entry;
  const org = orgId === null ? null : { id: orgId, slug: slugs.get(orgId) ?? '' };
  const { actor, requestId } = by;
  audit.push({ id: ids.next('aud'), at: new Date(), org, actor, requestId, action, target, fields, details });
}

export function createMemoryAuditLog({ audit }: World): AuditLog {
  return {
    async list(filter, page) {
      const keyOf = (record: AuditRecord) => [record.at.getTime(), record.id];
      const passing = audit.filter((record) => passes(record, filter));
      return pageOf(passing, page, { keyOf, direction: 'desc' });
    },
  };
}

function passes(record: AuditRecord, { orgId, orgSlug, actor, action, target, since, until }: AuditFilter): boolean {
  const { kind } = record.actor;
  return (
    (orgId ?? record.org?.id) === record.org?.id &&
    (orgSlug ?? record.org?.slug) === record.org?.slug &&
    (actor === undefined || actor === (record.actor.kind === 'key' ? record.actor.id : kind)) &&
    (action ?? record.action) === record.action &&
    (target ?? record.target) === record.target &&
    (since ?? record.at) <= record.at &&
    (until === undefined || record.at < until)
  );
}

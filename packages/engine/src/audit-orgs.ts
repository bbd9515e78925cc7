import type { KeyId, OrgId } from '@hooklane/domain';
import { formatId } from '@hooklane/domain';
import type { AuditAction, AuditEntry, Author } from './audit.ts';
import { changedFields } from './audit.ts';
import type { NewKey, NewOrg, Org, OrgChange } from './orgs.ts';

export function orgEntry({ id, slug }: Pick<Org, 'id' | 'slug'>, action: AuditAction, by: Author): AuditEntry {
  return { orgId: id, by, action, target: formatId('org', id), details: { slug } };
}

export function orgCreated(org: NewOrg): AuditEntry {
  return orgEntry(org, 'org.created', org.by);
}

/** Null where nothing is different. */
export function orgChanged(org: Org, after: OrgChange, by: Author): AuditEntry | null {
  const fields = changedFields(flat(org), flat(after));
  return fields.length === 0 ? null : { ...orgEntry(org, 'org.updated', by), fields };
}

export function keyCreated({ id, orgId, name, scopes, by }: NewKey): AuditEntry {
  const details = { name, scopes: scopes.join(' ') };
  return { orgId, by, action: 'key.created', target: formatId('key', id), details };
}

export function keyRevoked(key: { id: KeyId; orgId: OrgId; name: string }, by: Author): AuditEntry {
  const { id, orgId, name } = key;
  return { orgId, by, action: 'key.revoked', target: formatId('key', id), details: { name } };
}

/** Each setting is a field of its own. */
function flat({ name, settings }: OrgChange): object {
  return { name, ...settings };
}

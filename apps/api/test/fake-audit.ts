import type { AuditFilter, AuditLog, AuditRecord, PageRequest } from '@hooklane/engine';

export interface FakeAudit extends AuditLog {
  readonly all: AuditRecord[];
  /** What the last list asked for. */
  lastAsked: { filter: AuditFilter; page: PageRequest } | null;
}

export function fakeAudit(): FakeAudit {
  const audit: FakeAudit = {
    all: [],
    lastAsked: null,
    async list(filter, page) {
      audit.lastAsked = { filter, page };
      const data = audit.all.filter((entry) => filter.orgId === undefined || entry.org?.id === filter.orgId);
      return { data, nextCursor: null };
    },
  };
  return audit;
}

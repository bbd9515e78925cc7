import type { Operation, OperationFilter, OperationStore } from '@hooklane/engine';

export interface FakeOperations extends OperationStore {
  readonly all: Operation[];
  tooMany: boolean;
  /** What the next ones have to look at. */
  total: number | null;
  /** What the last list asked for. */
  lastFilter: OperationFilter | null;
}

const AT = new Date('2026-01-02T03:04:05Z');

export function fakeOperations(): FakeOperations {
  const fakes: FakeOperations = {
    all: [],
    tooMany: false,
    total: 1,
    lastFilter: null,
    async start({ by: _, ...operation }) {
      if (fakes.tooMany) return 'too_many';
      const fresh = { state: 'running', waitingFor: null, examined: 0, moved: 0, finishedAt: null } as const;
      const started = { ...operation, ...fresh, total: fakes.total, createdAt: AT };
      fakes.all.push(started);
      return started;
    },
    preview: async () => fakes.total,
    get: async (orgId, id) => fakes.all.find((one) => one.id === id && (orgId === null || one.orgId === orgId)) ?? null,
    async list(filter) {
      fakes.lastFilter = filter;
      const isMeant = ({ orgId }: Operation) => filter.orgId === undefined || orgId === filter.orgId;
      return { data: fakes.all.filter(isMeant), nextCursor: null };
    },
    async cancel({ orgId, id }) {
      const found = await fakes.get(orgId, id);
      return found && Object.assign(found, { state: 'cancelled', finishedAt: AT });
    },
    advance: async () => ({ refs: [], busy: false }),
  };
  return fakes;
}

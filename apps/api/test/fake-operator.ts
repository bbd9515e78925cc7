import type { OperatorStore, QueueFigures, SuspendedFilter, SuspendedWebhook } from '@hooklane/engine';

export interface FakeOperator extends OperatorStore {
  figures: QueueFigures;
  readonly suspendedNow: SuspendedWebhook[];
  lastFilter: SuspendedFilter | null;
}

export function fakeOperator(): FakeOperator {
  const fakes: FakeOperator = {
    figures: {
      pending: { due: 0, queued: 0, inFlight: 0, scheduled: 0 },
      oldestDueMs: null,
      backlogs: [],
      diverted: {},
      operationsRunning: 0,
    },
    suspendedNow: [],
    lastFilter: null,
    queues: async () => fakes.figures,
    async suspended(filter, limit) {
      fakes.lastFilter = filter;
      return { count: fakes.suspendedNow.length, webhooks: fakes.suspendedNow.slice(0, limit) };
    },
    async unsuspend(filter, { limit }) {
      fakes.lastFilter = filter;
      return fakes.suspendedNow.splice(0, limit);
    },
  };
  return fakes;
}

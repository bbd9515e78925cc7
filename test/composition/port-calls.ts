import type { ApiPorts } from '@hooklane/api';
import type {
  DivertedStore,
  DueQueue,
  DueStore,
  EventStore,
  KeyStore,
  OperationStore,
  OperatorStore,
  OrgStore,
  PruneStore,
  QueueEpoch,
  RedeliveryStore,
  Sender,
  WebhookStore,
} from '@hooklane/engine';

/** Whether each call of a port changes durable state. The compiler asks for every call: a new one cannot be forgotten. */
type Calls<Port> = Record<keyof Port, boolean>;

const OPERATIONS: Calls<OperationStore> = { start: true, get: false, list: false, cancel: true, advance: true };

const QUEUE: Calls<Omit<DueQueue, 'state'>> = { announce: true, admits: false, leaveToStore: false };

/** By process and port. A receiver counts as durable state: what was sent to it stays sent. */
export const PORT_CALLS = {
  api: {
    events: { accept: true, answered: false } satisfies Calls<EventStore>,
    queue: QUEUE,
    due: { unqueue: true } satisfies Calls<ApiPorts['due']>,
    webhooks: {
      get: false,
      list: false,
      create: true,
      change: true,
      delete: true,
      suspend: true,
      unsuspend: true,
      rotateSecret: true,
      expireSecret: true,
    } satisfies Calls<WebhookStore>,
    orgs: { list: false, bySlug: false, create: true, change: true, delete: true } satisfies Calls<OrgStore>,
    // `authenticate` notes when a key was used last: nobody relies on it.
    keys: { list: false, get: false, authenticate: false, create: true, revoke: true } satisfies Calls<KeyStore>,
    diverted: { list: false, get: false, delete: true, resend: true } satisfies Calls<DivertedStore>,
    redeliveries: { webhookOf: false, redeliver: true } satisfies Calls<RedeliveryStore>,
    // Operations are advanced by workers.
    operations: { ...OPERATIONS, advance: false },
    operator: { queues: false, suspended: false, unsuspend: true } satisfies Calls<OperatorStore>,
  },
  worker: {
    due: {
      claim: true,
      take: true,
      takeShares: true,
      waiting: false,
      record: true,
      release: true,
      relay: true,
      unqueue: true,
      unqueueAll: true,
      drainInactive: true,
    } satisfies Calls<DueStore>,
    queue: QUEUE,
    redis: { intact: false, renew: true } satisfies Calls<QueueEpoch>,
    sender: { send: true } satisfies Calls<Sender>,
    operations: { ...OPERATIONS, start: false, cancel: false },
  },
  reaper: {
    store: {
      pruneAttempts: true,
      expireIdempotencyKeys: true,
      expireDiverted: true,
      expireAudit: true,
      forgetRateBuckets: true,
      forgetStats: true,
      expireOperations: true,
      makePartitions: true,
      dropPartitions: true,
      rowsInDefault: false,
    } satisfies Calls<PruneStore>,
  },
} as const;

export type ProcessName = keyof typeof PORT_CALLS;

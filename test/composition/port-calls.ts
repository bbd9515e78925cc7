import type { ApiPorts } from '@hooklane/api';
import type {
  DivertedStore,
  DueQueue,
  DueStore,
  EventStore,
  KeyStore,
  OrgStore,
  PruneStore,
  QueueEpoch,
  Sender,
  WebhookStore,
} from '@hooklane/engine';

/** Whether each call of a port changes durable state. The compiler asks for every call: a new one cannot be forgotten. */
type Calls<Port> = Record<keyof Port, boolean>;

const DIVERTED: Calls<DivertedStore> = {
  list: false,
  get: false,
  operation: false,
  delete: true,
  resend: true,
  startOperation: true,
  advanceOperation: true,
};

const QUEUE: Calls<Omit<DueQueue, 'state'>> = { announce: true };

/** By process and port. A receiver counts as durable state: what was sent to it stays sent. */
export const PORT_CALLS = {
  api: {
    events: { accept: true } satisfies Calls<EventStore>,
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
    } satisfies Calls<WebhookStore>,
    orgs: { list: false, bySlug: false, create: true, change: true, delete: true } satisfies Calls<OrgStore>,
    // `authenticate` notes when a key was used last: nobody relies on it.
    keys: { list: false, get: false, authenticate: false, create: true, revoke: true } satisfies Calls<KeyStore>,
    // Operations are advanced by workers.
    diverted: { ...DIVERTED, advanceOperation: false },
  },
  worker: {
    due: {
      claim: true,
      take: true,
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
    diverted: { ...DIVERTED, delete: false, resend: false, startOperation: false },
  },
  reaper: {
    store: {
      pruneAttempts: true,
      expireIdempotencyKeys: true,
      expireDiverted: true,
      expireAudit: true,
      forgetRateBuckets: true,
      forgetStats: true,
      makePartitions: true,
      dropPartitions: true,
      rowsInDefault: false,
    } satisfies Calls<PruneStore>,
  },
} as const;

export type ProcessName = keyof typeof PORT_CALLS;

import type { ApiPorts } from '@hooklane/api';
import type {
  AlertStore,
  DivertedStore,
  DueQueue,
  DueStore,
  EventStore,
  EventTypeStore,
  KeyStore,
  OperationStore,
  OperatorStore,
  OrgStore,
  PauseStore,
  PruneStore,
  QueueEpoch,
  RedeliveryStore,
  Sender,
  WebhookStore,
} from '@hooklane/engine';
import type { Adapters } from '@hooklane/worker';

/** Whether each call of a port changes durable state. The compiler asks for every call: a new one cannot be forgotten. */
type Calls<Port> = Record<keyof Port, boolean>;

const OPERATIONS: Calls<OperationStore> = {
  start: true,
  preview: false,
  get: false,
  list: false,
  cancel: true,
  advance: true,
};

/** The ports of a process, all but those named: they only read, or keep what they know in memory. A new one cannot be forgotten. */
type AllBut<Ports, Harmless extends keyof Ports> = Record<Exclude<keyof Ports, Harmless>, object>;

type HarmlessToApi =
  | 'subscriptions'
  | 'history'
  | 'stream'
  | 'schemas'
  | 'audit'
  | 'rates'
  | 'stats'
  | 'guard'
  | 'ids'
  | 'limits'
  | 'sealingKeyId'
  | 'allowInsecureTls'
  | 'clock'
  | 'onFault'
  | 'readiness';

type HarmlessToWorker =
  | 'database'
  | 'watch'
  | 'certificates'
  | 'subscriptions'
  | 'bootCheck'
  | 'traces'
  | 'tracer'
  | 'connections';

const EVENTS: Calls<EventStore> = { accept: true, answered: false };

const QUEUE: Calls<Omit<DueQueue, 'state'>> = { announce: true, admits: false, leaveToStore: false };

/** By process and port. A receiver counts as durable state: what was sent to it stays sent. */
export const PORT_CALLS = {
  api: {
    events: EVENTS,
    eventTypes: {
      put: true,
      get: false,
      list: false,
      delete: true,
      versions: false,
      version: false,
      schema: false,
    } satisfies Calls<EventTypeStore>,
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
    orgs: {
      list: false,
      bySlug: false,
      find: false,
      create: true,
      change: true,
      delete: true,
    } satisfies Calls<OrgStore>,
    // `authenticate` notes when a key was used last: nobody relies on it.
    keys: { list: false, get: false, authenticate: false, create: true, revoke: true } satisfies Calls<KeyStore>,
    diverted: { list: false, get: false, delete: true, resend: true } satisfies Calls<DivertedStore>,
    redeliveries: { webhookOf: false, redeliver: true } satisfies Calls<RedeliveryStore>,
    // Operations are advanced by workers.
    operations: { ...OPERATIONS, advance: false },
    pauses: { pause: true, resume: true, list: false } satisfies Calls<PauseStore>,
    operator: { queues: false, suspended: false, unsuspend: true } satisfies Calls<OperatorStore>,
  } satisfies AllBut<ApiPorts, HarmlessToApi>,
  worker: {
    due: {
      claim: true,
      take: true,
      takeShares: true,
      waiting: false,
      pauses: false,
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
    stats: { add: true } satisfies Calls<Adapters['stats']>,
    // Of what befell webhooks.
    alerts: { untold: false, told: true } satisfies Calls<AlertStore>,
    events: EVENTS,
  } satisfies AllBut<Adapters, HarmlessToWorker>,
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

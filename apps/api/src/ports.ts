import type {
  AuditLog,
  DestinationGuard,
  DivertedStore,
  DueQueue,
  DueStore,
  EventStore,
  EventStream,
  EventTypeStore,
  HistoryStore,
  IdFactory,
  KeyStore,
  OperationStore,
  OperatorStore,
  OrgStore,
  PauseStore,
  RateLimiter,
  RedeliveryStore,
  SchemaJudge,
  StatsStore,
  Subscriptions,
  WebhookLimits,
  WebhookStore,
} from '@hooklane/engine';
import type { Readiness } from '@hooklane/runtime';

/** Everything the API needs of the world: the ports of the use cases it tells, and of what it reads itself. */
export interface ApiPorts {
  orgs: OrgStore;
  keys: KeyStore;
  webhooks: WebhookStore;
  events: EventStore;
  subscriptions: Subscriptions;
  history: HistoryStore;
  stream: EventStream;
  eventTypes: EventTypeStore;
  schemas: SchemaJudge;
  diverted: DivertedStore;
  redeliveries: RedeliveryStore;
  operations: OperationStore;
  operator: OperatorStore;
  pauses: PauseStore;
  audit: AuditLog;
  rates: Pick<RateLimiter, 'take'>;
  stats: Pick<StatsStore, 'ofWebhook' | 'ofOrg'>;
  due: Pick<DueStore, 'unqueue'>;
  queue: DueQueue;
  guard: DestinationGuard;
  ids: IdFactory;
  /** The id of the key that seals. */
  sealingKeyId: string;
  limits: WebhookLimits;
  /** Whether webhooks may be sent to receivers that nobody vouches for. */
  allowInsecureTls: boolean;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** Our own fault after the answer was given. */
  onFault: (error: unknown) => void;
  readiness: () => Promise<Readiness>;
}

import type { TypeRules } from '@hooklane/domain';
import { parseDestinationUrl } from '@hooklane/domain';
import type { Stats } from '@hooklane/engine';
import { createIdFactory, emptyTally, RateLimiter } from '@hooklane/engine';
import type { Readiness } from '@hooklane/runtime';
import { createMemoryEventTypeStore } from '../../../test/support/memory/event-types.ts';
import type { MemoryRateLedger } from '../../../test/support/memory/rate-ledger.ts';
import { createMemoryRateLedger } from '../../../test/support/memory/rate-ledger.ts';
import { newWorld } from '../../../test/support/memory/world.ts';
import type { ApiPorts } from '../src/ports.ts';
import type { FakeAudit } from './fake-audit.ts';
import { fakeAudit } from './fake-audit.ts';
import { fakeDiverted } from './fake-diverted.ts';
import { fakeEvents } from './fake-events.ts';
import { fakeHistory } from './fake-history.ts';
import { fakeOperations } from './fake-operations.ts';
import { fakeOperator } from './fake-operator.ts';
import { fakeKeys, fakeOrgs } from './fake-orgs.ts';
import { fakePauses } from './fake-pauses.ts';
import { fakeRedeliveries } from './fake-redeliveries.ts';
import { fakeSchemas } from './fake-schemas.ts';
import { fakeStream } from './fake-stream.ts';
import { fakeWebhooks } from './fake-webhooks.ts';

/** An hour in which nothing happened. */
function fakeStats(): Stats {
  const since = new Date();
  const none = { count: 0, capped: false };
  const times = { lastSuccessAt: null, lastFailureAt: null };
  return { pending: none, diverted: none, ...times, hour: { since, ...emptyTally() }, day: { since, ...emptyTally() } };
}

/** The ports in memory, with what a test looks at or sets. */
export interface FakePorts extends ApiPorts {
  orgs: ReturnType<typeof fakeOrgs>;
  keys: ReturnType<typeof fakeKeys>;
  webhooks: ReturnType<typeof fakeWebhooks>;
  events: ReturnType<typeof fakeEvents>;
  history: ReturnType<typeof fakeHistory>;
  stream: ReturnType<typeof fakeStream>;
  schemas: ReturnType<typeof fakeSchemas>;
  /** What every org's events are held against. */
  types: TypeRules | null;
  diverted: ReturnType<typeof fakeDiverted>;
  redeliveries: ReturnType<typeof fakeRedeliveries>;
  operations: ReturnType<typeof fakeOperations>;
  operator: ReturnType<typeof fakeOperator>;
  audit: FakeAudit;
  rateLedger: MemoryRateLedger;
  faults: unknown[];
  readinessNow: Readiness;
}

export function fakePorts(): FakePorts {
  const faults: unknown[] = [];
  const orgs = fakeOrgs();
  const webhooks = fakeWebhooks();
  const rateLedger = createMemoryRateLedger();
  const ports: FakePorts = {
    orgs,
    keys: fakeKeys(orgs),
    webhooks,
    events: fakeEvents(),
    history: fakeHistory(),
    stream: fakeStream(),
    eventTypes: createMemoryEventTypeStore(newWorld()),
    schemas: fakeSchemas(),
    types: null,
    diverted: fakeDiverted(),
    redeliveries: fakeRedeliveries(),
    operations: fakeOperations(),
    operator: fakeOperator(),
    pauses: fakePauses(orgs, webhooks),
    stats: { ofWebhook: () => Promise.resolve(fakeStats()), ofOrg: () => Promise.resolve(fakeStats()) },
    audit: fakeAudit(),
    rateLedger,
    rates: new RateLimiter(rateLedger, () => rateLedger.nowMs),
    subscriptions: {
      of: (orgId) => Promise.resolve({ configVersion: 1n, webhooks: webhooks.subscribed(orgId), types: ports.types }),
      versionOf: () => Promise.resolve(1n),
    },
    due: { unqueue: () => Promise.resolve() },
    queue: { state: 'away', announce: () => Promise.resolve(false), admits: () => false, leaveToStore: () => {} },
    guard: {
      check(url) {
        const verdict = parseDestinationUrl(url, { allowHttp: false, allowPrivateNames: false });
        return verdict.ok ? { url: verdict.url } : { objection: verdict.problem };
      },
      takes: () => true,
    },
    ids: createIdFactory(),
    sealingKeyId: 'k1',
    limits: { webhooksPerOrg: 3, webhooksPerHost: 3 },
    allowInsecureTls: false,
    clock: Date.now,
    faults,
    onFault: (error) => faults.push(error),
    readinessNow: { ready: true, checks: { postgres: 'ok', redis: 'ok' } },
    readiness: () => Promise.resolve(ports.readinessNow),
  };
  return ports;
}

import { randomBytes } from 'node:crypto';
import type { SigningKey } from '@hooklane/domain';
import { DEFAULT_FAILURE_POLICY, secretFromKey, signingKey, UNTHROTTLED } from '@hooklane/domain';
import { createIdFactory } from '@hooklane/engine';
import type { StreamWorld } from '../../conformance/event-stream.ts';
import type { WorkWorld } from '../../conformance/work-store.ts';
import { createMemoryEventStream } from './event-stream.ts';
import { keyOf } from './pauses.ts';
import type { WorkTimes } from './work-rows.ts';
import { NEVER, WorkRows } from './work-rows.ts';
import { MemoryDueStore, MemoryEventStore } from './work-stores.ts';

const SECOND = 1_000;
const DEFAULT_TIMES: WorkTimes = {
  timeoutMs: 5 * SECOND,
  claimGraceMs: 15 * SECOND,
  enqueuedMs: 10 * SECOND,
  idempotencyMs: 48 * 3_600 * SECOND,
};

/** Undone work in Maps, under a clock that stands still until it is moved. `rows` is what lies behind the ports. */
export interface MemoryWorkWorld extends WorkWorld, StreamWorld {
  readonly rows: WorkRows;
}

export function createMemoryWorkWorld(times: Partial<WorkTimes> = {}): MemoryWorkWorld {
  const rows = new WorkRows();
  const lasting = { ...DEFAULT_TIMES, ...times };
  return {
    rows,
    events: new MemoryEventStore(rows, lasting),
    stream: createMemoryEventStream(rows),
    settle: async () => {},
    due: new MemoryDueStore(rows, lasting),
    runs: { lastedMs: async (id) => rows.failingForMs(id) },
    ...settingOf(rows),
    ...behind(rows),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Sets the scene. */
function settingOf(
  rows: WorkRows,
): Pick<
  WorkWorld,
  'newOrg' | 'newWebhook' | 'configVersion' | 'setStanding' | 'setEncoding' | 'pause' | 'resume' | 'passTime'
> {
  const ids = createIdFactory();
  return {
    async newOrg() {
      const id = ids.next('org');
      rows.raiseConfigVersion(id);
      return id;
    },
    async newWebhook(orgId, policy = DEFAULT_FAILURE_POLICY) {
      const id = ids.next('wh');
      const standing = { enabled: true, suspended: false, deleted: false, suspendedReason: null };
      const health = { failures: 0, firstFailureMs: null };
      rows.webhooks.set(id, {
        orgId,
        policy,
        ...standing,
        ...health,
        ...{ key: newKey(), encoding: 0, limits: UNTHROTTLED },
      });
      rows.raiseConfigVersion(orgId);
      return id;
    },
    configVersion: async (orgId) => rows.configVersions.get(orgId) ?? 0n,
    async setStanding(webhookId, standing) {
      Object.assign(rows.webhook(webhookId), {
        enabled: standing !== 'disabled',
        suspended: standing === 'suspended',
        deleted: standing === 'deleted',
      });
    },
    async setEncoding(webhookId, encoding) {
      rows.webhook(webhookId).encoding = encoding;
    },
    async pause(target) {
      rows.paused.add(keyOf(target));
    },
    async resume(target) {
      rows.paused.delete(keyOf(target));
      for (const row of rows.due.values())
        if (row.dueMs <= rows.nowMs && !rows.isPaused(row)) row.enqueuedUntilMs = NEVER;
    },
    async passTime(ms) {
      rows.nowMs += ms;
    },
  };
}

/** Looks behind the ports. */
function behind(rows: WorkRows): Pick<WorkWorld, 'isSuspended' | 'delivery' | 'isDue' | 'diverted' | 'loggedAttempts'> {
  return {
    isSuspended: async (webhookId) => rows.webhook(webhookId).suspendedReason,
    delivery: async (id) => rows.deliveries.get(id) ?? null,
    isDue: async (id) => rows.due.has(id),
    async diverted(webhookId) {
      return [...rows.diverted.values()]
        .filter((row) => row.webhookId === webhookId)
        .map(({ eventId, reason, attempts, trigger }) => ({ eventId, reason, attempts, trigger }));
    },
    loggedAttempts: async (webhookId) => rows.attempts.filter((attempt) => attempt.webhookId === webhookId).length,
  };
}

function newKey(): SigningKey {
  return signingKey('whsec', secretFromKey(randomBytes(32)));
}

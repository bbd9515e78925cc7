// Guards against a Postgres and a Redis that are away, slow, full, or have lost what they had.
import type { Edit, Mutation } from './mutation.ts';

const CLAIMS = 'packages/postgres/src/due-claims.ts';
const RELAY_SQL = 'packages/postgres/src/due-relay.ts';
const RECORDS = 'packages/postgres/src/due-records.ts';
const CONNECTION_ERRORS = 'packages/postgres/src/connection-errors.ts';
const RELAY = 'packages/engine/src/relay-due.ts';
/** Whether Redis has lost its data is not looked at. */
const NO_EPOCH: readonly Edit[] = [
  { file: RELAY, from: 'if (epoch === null || (await epoch.intact())) return;', to: 'if (epoch !== null) return;' },
];
/** Nobody notices that Redis does not answer. */
const NO_PROBE: readonly Edit[] = [
  {
    file: 'packages/queue/src/redis-queue.ts',
    from: `onSilence: () => this.#health.lost(\`no answer within \${PROBE_ANSWER_MS} ms\`),`,
    to: 'onSilence: () => {},',
  },
  {
    file: 'packages/queue/src/redis-queue.ts',
    from: 'onFailure: (error) => this.#health.lost(reasonOf(error)),',
    to: 'onFailure: () => {},',
  },
];

export const ofStores: readonly Mutation[] = [
  { name: 'no-epoch', test: 'redis-loses-data', only: '5,000 due', edits: NO_EPOCH },
  {
    name: 'no-group-commit',
    test: 'batch-cost',
    built: true,
    edits: [
      {
        file: 'packages/postgres/src/accept-events.ts',
        from: 'const BATCH = { maxItems: 200,',
        to: 'const BATCH = { maxItems: 1,',
      },
    ],
  },
  {
    name: 'full-disk-is-unknown',
    test: 'disk-full',
    edits: [{ file: CONNECTION_ERRORS, from: "  '53100', // disk_full\n", to: '' }],
  },
  {
    name: 'no-horizon',
    test: 'late-commits',
    built: true,
    edits: [
      {
        file: 'packages/postgres/src/event-stream.ts',
        from: 'pg_snapshot_xmin(pg_current_snapshot())',
        to: 'pg_snapshot_xmax(pg_current_snapshot())',
        all: true,
      },
    ],
  },
  {
    name: 'payloads-are-shifted',
    test: 'payloads',
    edits: [
      {
        file: 'packages/postgres/src/accept-events.ts',
        from: 'FROM payload_at + 1 FOR',
        to: 'FROM payload_at + 2 FOR',
      },
    ],
  },
  {
    name: 'results-are-not-kept',
    test: 'postgres-away',
    only: 'in flight',
    built: true,
    edits: [
      {
        file: CONNECTION_ERRORS,
        from: 'export function isAway(error: unknown): boolean {\n  return',
        to: 'export function isAway(error: unknown): boolean {\n  return false &&',
      },
    ],
  },
  {
    name: 'no-retry-after',
    test: 'postgres-away',
    only: 'some seconds',
    built: true,
    edits: [
      { file: 'apps/api/src/http/problem.ts', from: "unavailable: { 'retry-after': '1' },", to: 'unavailable: {},' },
    ],
  },
  {
    name: 'slow-to-come-back',
    test: 'postgres-away',
    only: 'some seconds',
    built: true,
    edits: [
      {
        file: 'apps/worker/src/compose.ts',
        from: 'const RELAY_BACKOFF_MS = 2_000',
        to: 'const RELAY_BACKOFF_MS = 60_000',
      },
    ],
  },
  {
    name: 'unbounded-backlog',
    test: 'postgres-away',
    only: 'answers nothing any more',
    built: true,
    edits: [
      {
        file: 'packages/postgres/src/accept-events.ts',
        from: 'maxPendingBytes: 64 * 1024 * 1024',
        to: 'maxPendingBytes: 64 * 1024 * 1024 * 1024',
      },
    ],
  },
  {
    name: 'connection-errors-are-unknown',
    test: 'postgres-falters',
    only: 'one backend|asking again',
    edits: [
      {
        file: CONNECTION_ERRORS,
        from: 'export function isConnectionError(error: unknown): boolean {\n  return',
        to: 'export function isConnectionError(error: unknown): boolean {\n  return false &&',
      },
    ],
  },
  {
    name: 'keys-are-not-asked',
    test: 'postgres-falters',
    only: 'asking again',
    edits: [
      {
        file: 'packages/postgres/src/accept-events.ts',
        from: 'WHERE c.key IS NULL OR EXISTS (SELECT FROM keyed k WHERE k.event_id = c.event_id)',
        to: '',
      },
    ],
  },
  {
    name: 'fence-without-attempt',
    test: 'postgres-falters',
    only: 'connection of a worker breaks',
    edits: [{ file: RECORDS, from: ' AND r.attempt = d.attempt', to: '' }],
  },
  {
    name: 'answered-before-the-commit',
    test: 'postgres-falters',
    only: 'the line to Postgres',
    edits: [{ file: 'test/composition/api.ts', from: "guard === 'after-commit' ?", to: 'guard === null ?' }],
  },
  {
    name: 'batches-of-two',
    test: 'postgres-falters',
    only: 'transaction stays open',
    edits: [
      { file: RELAY, from: 'const RELAY_BATCH = 20', to: 'const RELAY_BATCH = 2' },
      { file: 'apps/worker/src/admission.ts', from: 'const TAKE_BATCH = 100', to: 'const TAKE_BATCH = 2' },
    ],
  },
  {
    name: 'claims-are-not-exclusive',
    test: 'redis-loses-data',
    only: 'FLUSHALL',
    edits: [
      { file: CLAIMS, from: 'AND (d.claimed_until IS NULL OR d.claimed_until < now())', to: '' },
      { file: RELAY_SQL, from: 'AND (claimed_until IS NULL OR claimed_until < now())', to: '' },
    ],
  },
  {
    name: 'no-relay',
    test: 'redis-loses-data',
    only: 'last 5 kB',
    edits: [
      {
        file: RELAY,
        from: 'const refs = await due.relay(RELAY_BATCH);',
        to: 'const refs = (await due.relay(0)).slice(0);',
      },
    ],
  },
  {
    name: 'old-jobs-are-believed',
    test: 'redis-loses-data',
    only: 'old backup',
    edits: [
      { file: CLAIMS, from: ' AND w.attempt = d.attempt', to: '' },
      { file: CLAIMS, from: ` AND d.due_at <= now() + \${EARLY}`, to: '' },
    ],
  },
  {
    name: 'every-job-counts-as-taken',
    test: 'redis-loses-data',
    only: 'out of memory',
    edits: [
      {
        file: 'packages/queue/src/queue-shard.ts',
        from: 'this.#health.refused(reasonOf(error));\n      return false;',
        to: 'void reasonOf(error);\n      return true;',
      },
    ],
  },
  { name: 'no-probe', test: 'redis-loses-data', only: 'Redis hangs', edits: NO_PROBE },
  { name: 'no-probe', test: 'stores-away', only: 'hanging', built: true, edits: NO_PROBE },
  {
    name: 'away-is-idle',
    test: 'stores-away',
    only: 'killed',
    built: true,
    edits: [{ file: RELAY, from: 'return ports.intake.take(true);', to: "return 'idle';" }],
  },
  {
    name: 'a-lost-connection-ends-the-process',
    test: 'stores-away',
    only: 'Postgres',
    built: true,
    edits: [{ file: 'packages/postgres/src/database.ts', from: "pool.on('error', options.onError);", to: '' }],
  },
];

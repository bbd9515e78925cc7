// Guards against processes that die, stand still or are new, receivers that are bad, and settings that are wrong.
import type { Edit, Mutation } from './mutation.ts';

const CLAIMS = 'packages/postgres/src/due-claims.ts';
const RELAY_SQL = 'packages/postgres/src/due-relay.ts';
const DURABILITY = 'packages/postgres/src/durability.ts';
const RELAY = 'packages/engine/src/relay-due.ts';
const INTAKE = 'packages/engine/src/intake.ts';
const OPERATIONS = 'packages/postgres/src/advance-operation.ts';
/** A claim that has lapsed is never taken over. */
const NO_LAPSE: readonly Edit[] = [
  {
    file: CLAIMS,
    from: "const FREE = '(claimed_until IS NULL OR claimed_until < now())';",
    to: "const FREE = '(claimed_until IS NULL)';",
  },
  { file: CLAIMS, from: '(d.claimed_until IS NULL OR d.claimed_until < now())', to: 'd.claimed_until IS NULL' },
  { file: RELAY_SQL, from: 'AND (claimed_until IS NULL OR claimed_until < now())', to: 'AND claimed_until IS NULL' },
];
/** Whether Redis has lost its data is not looked at. */
const NO_EPOCH: readonly Edit[] = [
  { file: RELAY, from: 'if (epoch === null || (await epoch.intact())) return;', to: 'if (epoch !== null) return;' },
];
/** SIGTERM does not wait for what is under way. */
const STOP_AT_ONCE: readonly Edit[] = [
  { file: INTAKE, from: '    return this.#slots.whenIdle();\n  }', to: '    return Promise.resolve();\n  }' },
];
const LOG_OF_99: readonly Edit[] = [
  { file: 'packages/engine/src/history.ts', from: 'LOGGED_ATTEMPTS = 100', to: 'LOGGED_ATTEMPTS = 99' },
];

export const ofProcesses: readonly Mutation[] = [
  { name: 'claims-never-lapse', test: 'all-workers-dead', edits: NO_LAPSE },
  { name: 'claims-never-lapse', test: 'backlogs', only: 'kill -9', edits: NO_LAPSE },
  { name: 'claims-never-lapse', test: 'blocked-loop', edits: NO_LAPSE },
  { name: 'claims-never-lapse', test: 'crash-points', only: 'a worker', edits: NO_LAPSE },
  { name: 'claims-never-lapse', test: 'killed-on-one-job', only: 'their claim', edits: NO_LAPSE },
  { name: 'claims-never-lapse', test: 'operations-killed', edits: NO_LAPSE },
  { name: 'claims-never-lapse', test: 'processes-killed', only: 'only worker', built: true, edits: NO_LAPSE },
  {
    name: 'no-lanes',
    test: 'bad-receivers',
    only: 'never answers',
    edits: [
      {
        file: 'packages/engine/src/lanes.ts',
        from: 'const room = laneRoom(',
        to: 'const room = free || laneRoom(',
      },
    ],
  },
  {
    name: 'silence-is-final',
    test: 'bad-receivers',
    only: 'the line',
    edits: [
      {
        file: 'packages/domain/src/next-step.ts',
        from: 'if (retryOn.includes(triggerOf(outcome))) return true;',
        to: "if (outcome.kind !== 'timed-out' && retryOn.includes(triggerOf(outcome))) return true;",
      },
    ],
  },
  {
    name: 'parked-are-forgotten',
    test: 'backlogs',
    only: 'due at once',
    edits: [
      {
        file: INTAKE,
        from: 'if (this.#stopping) return [];',
        to: 'if (!this.#stopping) return [];',
      },
    ],
  },
  {
    name: 'no-high-water-mark',
    test: 'backlogs',
    only: 'due at once.*with Redis',
    edits: [
      {
        file: 'packages/queue/src/queue-health.ts',
        from: "depth >= this.#options.highWaterMark ? 'full' : 'accepting'",
        to: "'accepting'",
      },
    ],
  },
  { name: 'no-epoch', test: 'backlogs', only: 'lost its data is rebuilt', edits: NO_EPOCH },
  {
    name: 'durability-unchecked',
    test: 'boot-checks',
    only: 'forgets what it committed',
    built: true,
    edits: [
      {
        file: DURABILITY,
        from: "if (settings.synchronous_commit === 'off') {",
        to: "if (settings.synchronous_commit === 'never') {",
      },
    ],
  },
  {
    name: 'eviction-unchecked',
    test: 'boot-checks',
    only: 'throw jobs away',
    built: true,
    edits: [
      {
        file: 'packages/queue/src/check-redis.ts',
        from: "if (policy !== undefined && policy !== 'noeviction') {",
        to: "if (policy === 'never') {",
      },
    ],
  },
  {
    name: 'aof-unchecked',
    test: 'boot-checks',
    only: 'without AOF',
    built: true,
    edits: [
      {
        file: 'packages/queue/src/check-redis.ts',
        from: "field(info, 'aof_enabled') === '0' &&",
        to: "field(info, 'aof_enabled') === '2' &&",
      },
    ],
  },
  {
    name: 'password-told',
    test: 'boot-checks',
    only: 'without the password',
    built: true,
    edits: [
      {
        file: 'packages/postgres/src/why-unreachable.ts',
        from: `DATABASE_URL: \${what}`,
        to: `DATABASE_URL: \${process.env['DATABASE_URL']} \${what}`,
      },
    ],
  },
  {
    name: 'clock-of-the-worker',
    test: 'clocks-and-reapers',
    only: 'clock of a worker',
    edits: [
      {
        file: 'packages/engine/src/attempt-delivery.ts',
        from: 'const { claimedAtMs: startedAtMs, lateMs } = claim;',
        to: 'const { lateMs } = claim, startedAtMs = Date.now();',
      },
    ],
  },
  { name: 'log-of-99', test: 'clocks-and-reapers', only: 'two reapers', edits: LOG_OF_99 },
  { name: 'log-of-99', test: 'crash-points', only: 'the reaper', edits: LOG_OF_99 },
  {
    name: 'answered-before-the-commit',
    test: 'crash-points',
    only: 'the API',
    edits: [{ file: 'test/composition/api.ts', from: "guard === 'after-commit' ?", to: 'guard === null ?' }],
  },
  {
    name: 'answered-before-the-commit',
    test: 'processes-killed',
    only: 'of the API',
    built: true,
    edits: [
      {
        file: 'packages/postgres/src/accept-events.ts',
        from: 'accept: (draft) => batcher.submit(draft),',
        to: "accept: async (draft) => { batcher.submit(draft).catch(() => {}); return { kind: 'stored' }; },",
      },
    ],
  },
  {
    name: 'stalled-once-is-failed',
    test: 'killed-on-one-job',
    only: 'job of the queue',
    edits: [{ file: 'packages/queue/src/redis-consumer.ts', from: 'maxStalledCount: 1_000', to: 'maxStalledCount: 1' }],
  },
  {
    name: 'operations-forget-where-they-were',
    test: 'operations-killed',
    edits: [{ file: OPERATIONS, from: 'position = coalesce($4, position)', to: 'position = position' }],
  },
  {
    name: 'secrets-keep-the-old-key',
    test: 'maintenance-killed',
    only: 'Postgres alone',
    built: true,
    edits: [
      {
        file: 'packages/postgres/src/reseal-step.ts',
        from: 'FROM webhook_secrets WHERE webhook_id = ANY($1::uuid[])',
        to: 'FROM webhook_secrets WHERE webhook_id = ANY($1::uuid[]) AND false',
      },
    ],
  },
  { name: 'stop-at-once', test: 'processes-killed', only: 'SIGTERM', built: true, edits: STOP_AT_ONCE },
  { name: 'stop-at-once', test: 'rolling-restart', built: true, edits: STOP_AT_ONCE },
  {
    name: 'jobs-to-the-letter',
    test: 'rolling-update',
    only: 'with Redis.*a new API',
    built: true,
    edits: [{ file: 'packages/queue/src/job.ts', from: '.rest(z.unknown())', to: '' }],
  },
  {
    name: 'newer-tables-are-refused',
    test: 'rolling-update',
    only: 'a new API',
    built: true,
    edits: [{ file: DURABILITY, from: '...(pending > 0\n', to: '...(pending !== 0\n' }],
  },
  {
    name: 'first-problem-only',
    test: 'boot-checks',
    only: 'is told whole',
    built: true,
    edits: [
      {
        file: 'packages/runtime/src/main.ts',
        from: 'error.problems.map(',
        to: 'error.problems.slice(0, 1).map(',
      },
    ],
  },
];

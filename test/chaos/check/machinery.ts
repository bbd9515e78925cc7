import { isHealthy } from '../receivers-plan.ts';
import type { Facts } from './facts.ts';
import { groupBy } from './facts.ts';
import { isolated } from './isolation.ts';
import { worstRecoveryMs } from './recovery.ts';
import { duplicatesOf } from './requests.ts';
import type { Verdict } from './verdict.ts';
import { none } from './verdict.ts';

/** What keeps Hooklane going: I12 to I15. */

const LOGGED = 100;

/** I12: the log keeps the newest 100 attempts of each webhook, and pruning takes nothing else. */
export function pruned(facts: Facts): Verdict {
  const kept = groupBy(facts.database.attempts, (attempt) => attempt.webhook_id);
  const stored = new Set(facts.database.events.map(({ id }) => id));
  const undone = facts.database.deliveries.filter(({ state }) => state === 'pending' || state === 'diverted');
  const offenders = facts.webhooks.flatMap(({ uuid, name }) => {
    const attempts = kept.get(uuid) ?? [];
    const received = facts.receipts.filter((receipt) => receipt.webhook === name).map(({ t }) => t);
    if (attempts.length > LOGGED) return [`${name} has ${attempts.length} attempts on record`];
    // Some requests have no record: their worker was killed. Of two hundred, a hundred have.
    if (received.length > 2 * LOGGED && attempts.length < LOGGED)
      return [`${name} has only ${attempts.length} attempts`];
    const oldest = Math.min(...attempts.map((attempt) => attempt.started_at));
    const tooOld = oldest < (received.at(-2 * LOGGED) ?? 0) - 5_000;
    return tooOld ? [`${name} keeps attempts that are not among its newest`] : [];
  });
  const orphans = undone.filter(({ event_id }) => !stored.has(event_id)).map(({ id }) => `the event of ${id} is gone`);
  return none(
    [...offenders, ...orphans],
    `at most ${Math.max(0, ...[...kept.values()].map((list) => list.length))} attempts`,
  );
}

const RECOVERY_MS = 30_000;

/** I13: after the last fault of a spell the backlog drains, without anybody starting anything by hand. */
export function recovered(facts: Facts): Verdict {
  const worstMs = worstRecoveryMs(facts.recoveries);
  const late = facts.recoveries
    .filter(({ quietAt, recoveredAt }) => recoveredAt === null || recoveredAt - quietAt > RECOVERY_MS)
    .map(({ after }) => `not within ${RECOVERY_MS} ms after ${after.join(', ')}`);
  return none([...late, ...facts.ownEnds], `worst ${Math.round(worstMs)} ms of ${facts.recoveries.length}`);
}

/** I14: no secret in clear, in any log, in Redis or in Postgres. */
export function secretive(facts: Facts): Verdict {
  return none([...facts.leaks, ...facts.database.leaks], 'logs, Redis and Postgres searched');
}

/** Below this a run is a trial of the harness: too short for every kind of sight. */
const WHOLE_RUN_SECONDS = 60;
const LEAST_KINDS = 8;

/** What can leave a producer without a clear answer, and what can make work lie about until somebody finds it. */
const UNCLEAR = /^(api|postgres)_/;
const STRANDING = /^(worker|redis|postgres)_/;

/** I15: the run has seen what it is about. */
export function notVacuous(facts: Facts): Verdict {
  const count = countSights(facts);
  const isWhole = facts.seconds >= WHOLE_RUN_SECONDS;
  const wanted: Partial<typeof count> = {
    acknowledged: 50,
    delivered: 50,
    retried: 10,
    ...(isWhole && {
      kinds: Math.min(LEAST_KINDS, facts.kinds.length),
      diverted: 1,
      resent: 1,
      suspensions: 1,
      snapshots: 5,
      rescued: facts.kinds.some((kind) => STRANDING.test(kind)) ? 1 : 0,
      ambiguous: facts.kinds.some((kind) => UNCLEAR.test(kind)) ? 1 : 0,
    }),
  };
  const missing = Object.entries(wanted)
    .filter(([what, least]) => count[what as keyof typeof count] < least)
    .map(([what, least]) => `${what}: ${count[what as keyof typeof count]}, less than ${least}`);
  const failures = facts.faults.flatMap(({ failure }) => (failure === null ? [] : [failure]));
  const absent = facts.faults.length < facts.planned ? [`${facts.faults.length} of ${facts.planned} faults`] : [];
  const figures = Object.entries(count).map(([what, many]) => `${what} ${many}`);
  const unjudged = isWhole && isolated(facts).judged === false ? ['isolation could not be judged'] : [];
  return none([...unjudged, ...missing, ...failures, ...absent], figures.join(', '));
}

const RESCUED_MS = 1_500;

function countSights(facts: Facts) {
  const healthy = new Set(facts.webhooks.filter(isHealthy).map(({ name }) => name));
  const isLate = ({ webhook, event, ackedAt }: Facts['promised'][number]) =>
    healthy.has(webhook) && (facts.receiptsOf.get(`${webhook}/${event}`)?.[0]?.t ?? 0) > ackedAt + RESCUED_MS;
  const states = facts.database.deliveries.map(({ state }) => state);
  return {
    acknowledged: facts.acked.length,
    delivered: states.filter((state) => state === 'delivered').length,
    diverted: states.filter((state) => state === 'diverted').length,
    resent: facts.resent,
    suspensions: facts.suspensions.length + facts.database.webhooks.filter((row) => row.suspended_at !== null).length,
    snapshots: facts.snapshots,
    retried: [...facts.receiptsOf.values()].filter((received) => received.length > 1).length,
    duplicates: duplicatesOf(facts).length,
    /** Came to a healthy receiver so late that somebody must have found it lying about. */
    rescued: facts.promised.filter(isLate).length,
    ambiguous: facts.producer.filter((record) => record.kind === 'ambiguous').length,
    kinds: new Set(facts.faults.filter(({ failure }) => failure === null).map(({ kind }) => kind)).size,
  };
}

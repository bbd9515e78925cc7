import { isBusy } from './busy.ts';
import type { Evidence } from './evidence.ts';
import type { Facts } from './facts.ts';
import { factsOf } from './facts.ts';
import { isolated } from './isolation.ts';
import { notVacuous, pruned, recovered, secretive } from './machinery.ts';
import { conserved, divertedKept, honest, idempotent, lostOf, noLoss, noPhantom, phantomsOf } from './promises.ts';
import { worstRecoveryMs } from './recovery.ts';
import { boundedDuplicates, byteIdentical, duplicatesOf, onSchedule, suspensionHeld } from './requests.ts';
import type { Verdict } from './verdict.ts';

/** The invariants, by number and name. */
const INVARIANTS = {
  I1: ['no loss', noLoss],
  I2: ['honesty', honest],
  I3: ['no phantom', noPhantom],
  I4: ['bounded duplicates', boundedDuplicates],
  I5: ['byte identity', byteIdentical],
  I6: ['schedule', onSchedule],
  I7: ['suspension', suspensionHeld],
  I8: ['diverted kept', divertedKept],
  I9: ['conservation', conserved],
  I10: ['idempotency', idempotent],
  I11: ['isolation', isolated],
  I12: ['pruning', pruned],
  I13: ['recovery', recovered],
  I14: ['secrecy', secretive],
  I15: ['no vacuous pass', notVacuous],
} as const satisfies Record<string, readonly [string, (facts: Facts) => Verdict]>;

export type InvariantId = keyof typeof INVARIANTS;

/** What a machine that is too busy for its clocks can break by itself. All else holds however slow it is. */
const TIMED: readonly InvariantId[] = ['I4', 'I6', 'I7', 'I11', 'I13', 'I15'];

export interface Judgement {
  readonly invariants: ReadonlyArray<Verdict & { readonly id: InvariantId; readonly name: string }>;
  readonly figures: {
    readonly acked: number;
    /** Events that at least once had no clear answer, those acknowledged later among them. */
    readonly ambiguous: number;
    readonly delivered: number;
    readonly diverted: number;
    readonly pending: number;
    readonly duplicates: number;
    readonly lost: number;
    readonly phantom: number;
    /** Deliveries that contradict their own rows, as the metrics told it at their worst. */
    readonly conservation_mismatch: number;
    /** How often a process told its metrics. */
    readonly scrapes: number;
    readonly worst_recovery_ms: number | null;
    readonly faults: Readonly<Record<string, number>>;
  };
}

/** Decides offline: everything it knows is in the evidence. */
export function judge(evidence: Evidence): Judgement {
  const facts = factsOf(evidence);
  const ids = Object.keys(INVARIANTS) as InvariantId[];
  return {
    invariants: ids.map((id) => {
      const [name, check] = INVARIANTS[id];
      return { id, name, ...excused(id, check(facts), facts) };
    }),
    figures: figuresOf(facts),
  };
}

/** Where that was asked for: what fell because nobody got a processor is not judged. */
function excused(id: InvariantId, verdict: Verdict, facts: Facts): Verdict {
  if (verdict.holds || !facts.allowsBusy || !TIMED.includes(id)) return verdict;
  if (!isBusy(facts, facts.begunAt, Number.POSITIVE_INFINITY)) return verdict;
  return { holds: true, judged: false, detail: `the machine is too busy: ${verdict.detail}` };
}

function figuresOf(facts: Facts): Judgement['figures'] {
  const inState = (state: string) => facts.database.deliveries.filter((row) => row.state === state).length;
  const worstMs = worstRecoveryMs(facts.recoveries);
  return {
    acked: facts.acked.length,
    ambiguous: new Set(facts.producer.filter(({ kind }) => kind === 'ambiguous').map(({ n }) => n)).size,
    delivered: inState('delivered'),
    diverted: inState('diverted'),
    pending: inState('pending'),
    duplicates: duplicatesOf(facts).length,
    lost: lostOf(facts).length,
    phantom: phantomsOf(facts).length,
    conservation_mismatch: facts.told.mismatch,
    scrapes: Object.values(facts.told.scrapes).reduce((sum, scrapes) => sum + scrapes, 0),
    worst_recovery_ms: Number.isFinite(worstMs) ? Math.round(worstMs) : null,
    faults: countKinds(facts),
  };
}

function countKinds({ faults }: Facts): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind, failure } of faults) if (failure === null) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

import type { Evidence } from './evidence.ts';

/**
 * How long Hooklane took to be itself again: from the moment at which no fault was on any more to the first moment at
 * which nothing was due to a healthy webhook that had been due before it. Where the next fault came sooner than that, the
 * time begins anew at its end.
 */
export interface Recovery {
  readonly quietAt: number;
  /** Null: it never was. */
  readonly recoveredAt: number | null;
  /** Kinds of the faults that had passed. */
  readonly after: readonly string[];
}

export function recoveriesOf({ faults, samples }: Pick<Evidence, 'faults' | 'samples'>): Recovery[] {
  const spells = spellsOf(faults);
  const recoveries: Recovery[] = [];
  let after: string[] = [];
  for (const [n, spell] of spells.entries()) {
    const until = spells[n + 1]?.from ?? Number.POSITIVE_INFINITY;
    const drained = samples.find(
      ({ t, oldestDueAt }) => t > spell.until && (oldestDueAt === null || oldestDueAt > spell.until),
    );
    after.push(...spell.kinds);
    const isLast = until === Number.POSITIVE_INFINITY;
    if (!isLast && (drained === undefined || drained.t >= until)) continue;
    recoveries.push({ quietAt: spell.until, recoveredAt: drained?.t ?? null, after });
    after = [];
  }
  return recoveries;
}

export function worstRecoveryMs(recoveries: readonly Recovery[]): number {
  return Math.max(
    0,
    ...recoveries.map(({ quietAt, recoveredAt }) => (recoveredAt ?? Number.POSITIVE_INFINITY) - quietAt),
  );
}

interface Spell {
  from: number;
  until: number;
  kinds: string[];
}

/** Faults that overlap are one spell. */
function spellsOf(faults: Evidence['faults']): Spell[] {
  const spells: Spell[] = [];
  for (const fault of faults.toSorted((a, b) => a.startedAt - b.startedAt)) {
    const last = spells.at(-1);
    if (last !== undefined && fault.startedAt <= last.until) {
      last.until = Math.max(last.until, fault.endedAt);
      last.kinds.push(fault.kind);
    } else {
      spells.push({ from: fault.startedAt, until: fault.endedAt, kinds: [fault.kind] });
    }
  }
  return spells;
}

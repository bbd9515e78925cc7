/** What the checker found of one invariant. */
export interface Verdict {
  /** True also where it could not be judged. */
  readonly holds: boolean;
  /** False: the run says neither yes nor no. Default true. */
  readonly judged?: boolean;
  /** The figures; where it does not hold, the first offenders too. */
  readonly detail: string;
}

const SHOWN = 5;

/** Holds when there is nobody on the list. */
export function none(offenders: readonly string[], figures: string): Verdict {
  if (offenders.length === 0) return { holds: true, detail: figures };
  const more = offenders.length > SHOWN ? ` and ${offenders.length - SHOWN} more` : '';
  return { holds: false, detail: `${figures}; ${offenders.slice(0, SHOWN).join('; ')}${more}` };
}

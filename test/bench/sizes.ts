import type { BenchContext, Scenario } from './scenario.ts';

/** How many rows are seeded: fewer where the run is shorter than usual, all with `--full`. Even. */
export function sizeOf(
  { full, seconds }: Pick<BenchContext, 'full' | 'seconds'>,
  scenario: Pick<Scenario, 'seconds'>,
  sizes: { usual: number; full: number },
): number {
  if (full) return sizes.full;
  const share = Math.min(1, seconds / scenario.seconds);
  return Math.max(2, Math.round((sizes.usual * share) / 2) * 2);
}

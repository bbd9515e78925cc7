/**
 * Durations are counted in buckets, each a quarter wider than the one before: whatever the number of attempts, a
 * percentile costs fifty numbers and is known within 12.5 %.
 */
const GROWTH = 1.25;

/** From 1 ms to over a minute; the last takes all that is longer. */
export const LATENCY_BUCKETS = 51;

/** The bucket of a duration, from 0: everything below 1 ms is in the first. */
export function latencyBucket(durationMs: number): number {
  if (!(durationMs >= 1)) return 0;
  return Math.min(LATENCY_BUCKETS - 1, 1 + Math.floor(Math.log(durationMs) / Math.log(GROWTH)));
}

/** The duration, in ms, that a share `quantile` (0 to 1) of all counted did not exceed; null when none was counted. */
export function latencyQuantile(counts: readonly number[], quantile: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let rank = Math.max(1, Math.ceil(quantile * total));
  const bucket = counts.findIndex((count) => {
    rank -= count;
    return rank <= 0;
  });
  return middleOf(bucket);
}

/** Geometric, so that it is as far from one end of the bucket as from the other. */
function middleOf(bucket: number): number {
  const ms = bucket === 0 ? 0.5 : GROWTH ** (bucket - 0.5);
  return Number(ms.toPrecision(3));
}

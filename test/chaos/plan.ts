import type { Random } from './random.ts';
import { createRandom } from './random.ts';

/** What a fault befalls. Two faults of one target never overlap, faults of different targets may. */
export type Target = 'api-1' | 'api-2' | 'worker-1' | 'worker-2' | 'reaper' | 'postgres' | 'redis';

interface Kind {
  readonly targets: readonly Target[];
  /** How long it lasts, ms. */
  readonly lasts: readonly [least: number, most: number];
  /** An attempt that was answered may be lost on its way to the record, and is then made again. */
  readonly repeatsAttempts: boolean;
}

const APIS = ['api-1', 'api-2'] as const;
const WORKERS = ['worker-1', 'worker-2'] as const;
const POSTGRES = ['postgres'] as const;
const REDIS = ['redis'] as const;

/** All that can happen. */
export const KINDS = {
  api_kill: { targets: APIS, lasts: [300, 1_500], repeatsAttempts: false },
  api_stop: { targets: APIS, lasts: [1_500, 3_500], repeatsAttempts: false },
  worker_kill: { targets: WORKERS, lasts: [300, 2_000], repeatsAttempts: true },
  // Longer than a claim lasts: another worker makes the attempt, and the late result must change nothing.
  worker_stop: { targets: WORKERS, lasts: [3_500, 4_500], repeatsAttempts: true },
  reaper_kill: { targets: ['reaper'], lasts: [300, 1_500], repeatsAttempts: false },
  reaper_stop: { targets: ['reaper'], lasts: [1_000, 2_500], repeatsAttempts: false },
  api_clock: { targets: APIS, lasts: [3_000, 5_000], repeatsAttempts: false },
  worker_clock_ahead: { targets: WORKERS, lasts: [3_000, 5_000], repeatsAttempts: true },
  worker_clock_behind: { targets: WORKERS, lasts: [3_000, 5_000], repeatsAttempts: true },
  postgres_backend_kill: { targets: POSTGRES, lasts: [200, 500], repeatsAttempts: true },
  postgres_immediate_stop: { targets: POSTGRES, lasts: [500, 2_500], repeatsAttempts: true },
  postgres_kill: { targets: POSTGRES, lasts: [500, 2_500], repeatsAttempts: true },
  postgres_reset: { targets: POSTGRES, lasts: [200, 500], repeatsAttempts: true },
  postgres_black_hole: { targets: POSTGRES, lasts: [1_500, 3_000], repeatsAttempts: true },
  postgres_latency: { targets: POSTGRES, lasts: [1_500, 3_000], repeatsAttempts: true },
  postgres_cut: { targets: POSTGRES, lasts: [1_000, 2_000], repeatsAttempts: true },
  redis_kill: { targets: REDIS, lasts: [500, 3_000], repeatsAttempts: false },
  redis_wipe: { targets: REDIS, lasts: [100, 1_500], repeatsAttempts: false },
  redis_aof_cut: { targets: REDIS, lasts: [100, 1_500], repeatsAttempts: false },
  redis_stop: { targets: REDIS, lasts: [1_500, 3_500], repeatsAttempts: false },
  redis_read_only: { targets: REDIS, lasts: [1_500, 3_000], repeatsAttempts: false },
  redis_out_of_memory: { targets: REDIS, lasts: [1_500, 3_000], repeatsAttempts: false },
  redis_reset: { targets: REDIS, lasts: [200, 500], repeatsAttempts: false },
  redis_black_hole: { targets: REDIS, lasts: [1_500, 3_000], repeatsAttempts: false },
  redis_latency: { targets: REDIS, lasts: [1_500, 3_000], repeatsAttempts: false },
  redis_cut: { targets: REDIS, lasts: [1_000, 2_000], repeatsAttempts: false },
} as const satisfies Record<string, Kind>;

export type FaultKind = keyof typeof KINDS;

export interface PlannedFault {
  readonly kind: FaultKind;
  readonly target: Target;
  /** Since the beginning of the run. */
  readonly atMs: number;
  readonly lastsMs: number;
  /** In [0, 1): how much of it, where that can vary. */
  readonly amount: number;
}

export interface PlanOptions {
  readonly seed: number;
  readonly seconds: number;
  /** What may happen. */
  readonly kinds: readonly FaultKind[];
}

/** Runs of consecutive seeds whose faults together cover all kinds. */
const SEEDS_FOR_ALL = 5;
const GAP_MS = [4_200, 5_600] as const;
/** Left at the end, so that the last fault passes within the run. */
const END_MS = 4_500;

/** In the beginning nothing happens, nor is sent to receivers that misbehave: what the rest of the run is held against. */
export function calmMs(seconds: number): number {
  return Math.min(8_000, seconds * 200);
}

/** After the calm, and still before the first fault: most events are for a receiver that never answers. */
export function floodMs(seconds: number): number {
  return Math.min(5_000, seconds * 80);
}

/** No kind comes a second time before every kind that is possible has come. */
export function planFaults({ seed, seconds, kinds: possible }: PlanOptions): PlannedFault[] {
  const random = createRandom(seed, 'faults');
  const times = timesOf(random, seconds);
  const deck = deckOf(random, seed, possible);
  const kinds = times.map((_, n) => deck[n % deck.length]).filter((kind) => kind !== undefined);
  return random.shuffled(kinds).map((kind, n) => {
    const { targets, lasts }: Kind = KINDS[kind];
    const atMs = times[n] ?? 0;
    return { kind, target: random.pick(targets), atMs, lastsMs: random.between(...lasts), amount: random.next() };
  });
}

function timesOf(random: Random, seconds: number): number[] {
  const times: number[] = [];
  const firstMs = calmMs(seconds) + floodMs(seconds);
  let atMs = firstMs;
  while (atMs <= Math.max(seconds * 1000 - END_MS, firstMs)) {
    times.push(atMs);
    atMs += random.between(...GAP_MS);
  }
  return times;
}

/** First the fifth of the kinds that is this seed's, then the others. */
function deckOf(random: Random, seed: number, kinds: readonly FaultKind[]): FaultKind[] {
  const isOurs = (kind: FaultKind) => kinds.indexOf(kind) % SEEDS_FOR_ALL === seed % SEEDS_FOR_ALL;
  const ours = kinds.filter(isOurs);
  return [...ours, ...random.shuffled(kinds.filter((kind) => !isOurs(kind)))];
}

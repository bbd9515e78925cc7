import type { Figures } from './scenario.ts';

/** What a figure should be. The bench only tells: on a busy machine it misses some through no fault of the code. */
export interface Target {
  /** The figure's name; with a dot: of each rate. */
  readonly figure: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Verdict extends Target {
  readonly value: number;
  readonly isMet: boolean;
}

/** Per scenario, as issue and design state them; on two cores. */
export const TARGETS: Readonly<Record<string, readonly Target[]>> = {
  throughput: [
    { figure: 'ratio_handrolled', atLeast: 3 },
    { figure: 'ratio_bare_http', atLeast: 0.2 },
    { figure: 'api_us', atMost: 120 },
    { figure: 'worker_us', atMost: 180 },
  ],
  latency: [
    { figure: 'rates.50.ratio_floor_p95', atMost: 2 },
    { figure: 'rates.200.ratio_floor_p95', atMost: 2 },
    { figure: 'rates.1000.ratio_floor_p95', atMost: 2 },
    { figure: 'rates.200.receive_p95_ms', atMost: 20 },
    { figure: 'rates.200.accept_p95_ms', atMost: 10 },
  ],
  isolation: [
    { figure: 'healthy_p99_ratio', atMost: 2 },
    { figure: 'healthy_rate_ratio', atLeast: 0.9 },
  ],
  backlog: [
    { figure: 'redis_bytes', atMost: 64 * 1024 * 1024 },
    { figure: 'publish_p99_ratio', atMost: 2 },
    { figure: 'drain_ratio', atLeast: 0.7 },
  ],
  fanout: [
    { figure: 'fanout_ms', atMost: 2_000 },
    { figure: 'accept_p95_ms', atMost: 100 },
  ],
  replay: [
    { figure: 'rate_ratio', atLeast: 0.5 },
    { figure: 'receive_p95_ms', atMost: 50 },
  ],
  growth: [{ figure: 'rate_ratio', atLeast: 0.9 }],
  prune: [
    { figure: 'us_per_row', atMost: 10 },
    { figure: 'size_ratio', atMost: 1.1 },
  ],
  soak: [
    { figure: 'api_rss_drift', atMost: 0.05 },
    { figure: 'worker_rss_drift', atMost: 0.05 },
    { figure: 'redis_rss_drift', atMost: 0.05 },
    { figure: 'errors', atMost: 0 },
  ],
  'no-redis': [
    { figure: 'rate_ratio', atLeast: 0.7 },
    { figure: 'receive_p95_ratio', atMost: 2 },
  ],
};

export function judge(scenario: string, figures: Figures): Verdict[] {
  return (TARGETS[scenario] ?? []).map((target) => {
    const value = figureOf(figures, target.figure.split('.'));
    return { ...target, value, isMet: value >= (target.atLeast ?? -Infinity) && value <= (target.atMost ?? Infinity) };
  });
}

/** NaN, which meets nothing, where there is none. */
function figureOf(value: unknown, [name, ...rest]: readonly string[]): number {
  if (name === undefined) return typeof value === 'number' ? value : Number.NaN;
  return figureOf(typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined, rest);
}

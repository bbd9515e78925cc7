import type { FaultKind } from '../plan.ts';
import type { Injector } from './fault.ts';
import { blackHole, cut, latency, postgresLine, redisLine, reset } from './network.ts';
import * as postgres from './postgres.ts';
import * as processes from './processes.ts';
import * as redis from './redis.ts';

/** How each kind of fault is brought about. */
export const INJECTORS: Readonly<Record<FaultKind, Injector>> = {
  api_kill: processes.kill,
  api_stop: processes.stop,
  api_clock: processes.clock(({ amount }) => (amount < 0.5 ? -1 : 1)),
  worker_kill: processes.kill,
  worker_stop: processes.stop,
  worker_clock_ahead: processes.clock(() => 1),
  worker_clock_behind: processes.clock(() => -1),
  reaper_kill: processes.kill,
  reaper_stop: processes.stop,
  postgres_backend_kill: postgres.killBackend,
  postgres_immediate_stop: postgres.stopImmediately,
  postgres_kill: postgres.kill,
  postgres_reset: reset(postgresLine),
  postgres_black_hole: blackHole(postgresLine),
  postgres_latency: latency(postgresLine),
  postgres_cut: cut(postgresLine),
  redis_kill: redis.kill,
  redis_wipe: redis.wipe,
  redis_aof_cut: redis.cutLog,
  redis_stop: redis.stop,
  redis_read_only: redis.readOnly,
  redis_out_of_memory: redis.outOfMemory,
  redis_reset: reset(redisLine),
  redis_black_hole: blackHole(redisLine),
  redis_latency: latency(redisLine),
  redis_cut: cut(redisLine),
};

import type { Scenario } from '../scenario.ts';
import { backlog } from './backlog.ts';
import { fanout } from './fanout.ts';
import { growth } from './growth.ts';
import { isolation } from './isolation.ts';
import { latency } from './latency.ts';
import { noRedis } from './no-redis.ts';
import { prune } from './prune.ts';
import { replay } from './replay.ts';
import { soak } from './soak.ts';
import { throughput } from './throughput.ts';

/** By the names of the command line. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  throughput,
  latency,
  isolation,
  'no-redis': noRedis,
  fanout,
  backlog,
  prune,
  replay,
  growth,
  soak,
};

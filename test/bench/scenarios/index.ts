import type { Scenario } from '../scenario.ts';
import { fanout } from './fanout.ts';
import { isolation } from './isolation.ts';
import { latency } from './latency.ts';
import { noRedis } from './no-redis.ts';
import { throughput } from './throughput.ts';

/** By the names of the command line. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  throughput,
  latency,
  isolation,
  'no-redis': noRedis,
  fanout,
};

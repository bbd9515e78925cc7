import { Redis } from 'ioredis';
import { Pool } from 'pg';
import type { CrashPoint } from '../../composition/crash-points.ts';
import type { TestDatabase } from '../../support/database.ts';
import { createTestDatabase } from '../../support/database.ts';
import type { Fleet, FleetProcessName } from '../../support/fleet.ts';
import { startFleet } from '../../support/fleet.ts';
import type { Receiver } from '../../support/receiver.ts';
import { startReceiver } from '../../support/receiver.ts';
import type { RedisServer } from '../../support/redis-server.ts';
import { startRedis } from '../../support/redis-server.ts';
import { behaveByRole } from './scene.ts';
import type { Victim } from './victim.ts';
import { newVictim } from './victim.ts';

/** Processes and stores on which the points of one process are played, one after the other. */
export interface Stage extends AsyncDisposable {
  readonly fleet: Fleet;
  readonly pool: Pool;
  readonly receiver: Receiver;
  readonly redis: RedisServer | null;
  readonly victim: Victim;
}

export interface StageOptions {
  readonly process: FleetProcessName;
  readonly redis: boolean;
}

export async function openStage({ process, redis: withRedis }: StageOptions): Promise<Stage> {
  const database: TestDatabase = await createTestDatabase();
  const redis = withRedis ? await startRedis() : null;
  const receiver = await startReceiver();
  behaveByRole(receiver);
  const victim = newVictim();
  const fleet = await startFleet({
    databaseUrl: database.url,
    redisUrl: redis?.url,
    composition: 'test',
    // Who is cut off asks again at once, see `patiently`.
    retries: 0,
    env: QUICK,
    envOf: { [process]: victim.env },
    without: process === 'reaper' ? [] : ['reaper'],
  });
  const pool = new Pool({ connectionString: database.url, max: 3 });
  return {
    fleet,
    pool,
    receiver,
    redis,
    victim,
    async [Symbol.asyncDispose]() {
      await fleet[Symbol.asyncDispose]();
      await pool.end();
      await receiver[Symbol.asyncDispose]();
      await redis?.stop();
      await database[Symbol.asyncDispose]();
      victim.dispose();
    },
  };
}

const QUICK = {
  HOOKLANE_CLAIM_GRACE: '500ms',
  HOOKLANE_ENQUEUED_GRACE: '500ms',
  HOOKLANE_RELAY_INTERVAL: '200ms',
  HOOKLANE_PRUNE_INTERVAL: '300ms',
  // So small that work is taken which then finds no slot, and is given back.
  HOOKLANE_LANE: '2',
  HOOKLANE_WEBHOOKS_PER_ORG: '1000',
  HOOKLANE_WEBHOOKS_PER_HOST: '1000',
};

/** As if it had no memory left. */
export function refuseWrites({ url }: RedisServer, refuse: boolean): Promise<void> {
  return commandRedis(url, (client) => client.config('SET', 'maxmemory', refuse ? '1' : '0'));
}

export async function commandRedis(url: string, work: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(url);
  await work(client);
  client.disconnect();
}

/** Plays a scene around one crash; resolves with what is wrong in the end. */
export type Play = (stage: Stage, point: CrashPoint, name: string) => Promise<string[]>;

/** What became of each point: empty when all promises were kept. */
export type Results = Map<string, string[]>;

/** One after the other; a failure does not keep the next from being played. */
export async function playAll(stage: Stage, points: readonly CrashPoint[], play: Play): Promise<Results> {
  const results: Results = new Map();
  for (const [index, point] of points.entries()) {
    try {
      results.set(point.name, await play(stage, point, `p${index}`));
    } catch (error) {
      results.set(point.name, [String(error), ...complaintsOf(stage, point)]);
      if (stage.redis !== null) await refuseWrites(stage.redis, false);
      await stage.victim.recover(stage.fleet[point.process]);
    }
  }
  await stage[Symbol.asyncDispose]();
  return results;
}

function complaintsOf({ fleet }: Stage, { process }: CrashPoint): string[] {
  return fleet[process].lines.filter((line) => !line.includes('"level":"info"')).slice(-5);
}

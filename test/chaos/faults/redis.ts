import { readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@hooklane/standalone';
import type { Redis } from 'ioredis';
import type { ChaosRedis } from '../stores.ts';
import type { Injector, World } from './fault.ts';
import { NoEffectError, seen } from './fault.ts';
import { continueProcess, stopProcess } from './processes.ts';

/** SIGKILL; it comes back with what its log holds. */
export const kill: Injector = async (world) => {
  const redis = redisOf(world);
  const { pid } = redis.server;
  await killed(redis);
  return { evidence: `server ${pid} is gone`, lift: () => redis.start() };
};

/** It comes back empty. */
export const wipe: Injector = async (world) => {
  const redis = redisOf(world);
  const keys = await redis.ask((client) => client.dbsize());
  await killed(redis);
  await rm(redis.dir, { recursive: true });
  return { evidence: `${keys} keys are gone`, lift: () => redis.start() };
};

/** What a power cut leaves: the last part of the log is missing, from the middle of a command on. */
export const cutLog: Injector = async (world, { amount }) => {
  const redis = redisOf(world);
  await killed(redis);
  const file = await logOf(redis);
  const { size } = await stat(file);
  const lost = Math.min(Math.ceil(size / 2), 100 + Math.floor(amount * 40_000));
  if (lost === 0) throw new NoEffectError('the log of Redis is empty');
  await truncate(file, size - lost);
  return { evidence: `the last ${lost} of ${size} bytes are gone`, lift: () => redis.start() };
};

/** It hangs: connections stay, answers do not come. */
export const stop: Injector = async (world) => {
  const { server } = redisOf(world);
  await stopProcess(server.pid);
  return { evidence: `server ${server.pid} is stopped`, lift: () => continueProcess(server.pid) };
};

/** What clients see of a failover: it became a replica, of a master that cannot be reached. */
export const readOnly: Injector = async (world) => {
  const redis = redisOf(world);
  const nobody = await freePort();
  await redis.ask((client) => client.replicaof('127.0.0.1', nobody));
  const refusal = await refusalOf(redis);
  if (!refusal.startsWith('READONLY')) throw new NoEffectError(`it takes writes: ${refusal}`);
  const role = await roleOf(redis);
  return {
    evidence: `${role}: ${refusal.slice(0, 40)}`,
    async lift() {
      await redis.ask((client) => client.replicaof('NO', 'ONE'));
      await seen('Redis to take writes', async () => (await refusalOf(redis)) === '');
    },
  };
};

export const outOfMemory: Injector = async (world) => {
  const redis = redisOf(world);
  await redis.ask((client) => client.config('SET', 'maxmemory', '1'));
  const refusal = await refusalOf(redis);
  if (!refusal.startsWith('OOM')) throw new NoEffectError(`it takes writes: ${refusal}`);
  return {
    evidence: refusal.slice(0, 40),
    async lift() {
      await redis.ask((client) => client.config('SET', 'maxmemory', '0'));
      await seen('Redis to take writes', async () => (await refusalOf(redis)) === '');
    },
  };
};

function redisOf({ redis }: World): ChaosRedis {
  if (redis === null) throw new TypeError('this run has no Redis');
  return redis;
}

async function killed(redis: ChaosRedis): Promise<void> {
  await redis.server.kill();
  await seen('Redis to be away', async () => (await refusalOf(redis)) !== '');
}

/** Redis 7 keeps its log in parts: commands are added to the last one. */
async function logOf({ dir }: ChaosRedis): Promise<string> {
  const folder = join(dir, 'appendonlydir');
  const parts = (await readdir(folder)).filter((name) => name.endsWith('.incr.aof')).toSorted();
  const last = parts.at(-1);
  if (last === undefined) throw new NoEffectError('Redis wrote no log');
  return join(folder, last);
}

/** Why it does not take a write; empty when it does. */
async function refusalOf(redis: ChaosRedis): Promise<string> {
  const write = (client: Redis) => client.set('chaos', 1);
  return redis.ask(write).then(
    () => '',
    (error: Error) => error.message || error.name,
  );
}

async function roleOf(redis: ChaosRedis): Promise<string> {
  const info = await redis.ask((client) => client.info('replication'));
  const role = /^role:\w+/m.exec(info)?.[0] ?? '';
  if (role !== 'role:slave') throw new NoEffectError(`Redis is no replica: ${role}`);
  return role;
}

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startPrivatePostgres } from '@hooklane/standalone';
import type { TestProject } from 'vitest/node';
import type { RedisServer } from './redis-server.ts';
import { startRedis } from './redis-server.ts';
import { makeTemplate } from './template.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Its role may create databases; tests work in one of their own: see createTestDatabase. */
    readonly postgresUrl: string;
    /** Shared by all tests of the run: keep to keys of your own. */
    readonly redisUrl: string;
  }
}

/** One Postgres and one Redis for the whole run, from what npm installed and what is on PATH. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stops: (() => Promise<void>)[] = [];
  const teardown = async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
  const provide = async (key: 'postgresUrl' | 'redisUrl', starting: Promise<Service>) => {
    const { url, stop } = await starting;
    stops.push(stop);
    project.provide(key, url);
  };
  const started = await Promise.allSettled([
    provide('postgresUrl', startWithTemplate()),
    provide('redisUrl', installAndStartRedis()),
  ]);
  const failure = started.find((outcome) => outcome.status === 'rejected');
  if (failure === undefined) return teardown;
  await teardown();
  throw failure.reason;
}

interface Service {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

async function startWithTemplate(): Promise<Service> {
  const postgres = await startPrivatePostgres();
  try {
    await makeTemplate(postgres.url);
    return postgres;
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

async function installAndStartRedis(): Promise<RedisServer> {
  await promisify(execFile)(process.execPath, [fileURLToPath(new URL('install-redis.mjs', import.meta.url))]);
  return startRedis();
}

import { once } from 'node:events';
import { TimeoutError, withTimeout } from '@hooklane/runtime';
import type { Redis } from 'ioredis';
import type { RedisClient } from './connection.ts';
import { connect, reasonOf } from './connection.ts';
import { parseRedisUrl } from './redis-url.ts';

export type RedisCheck = { ok: true; warnings: string[] } | { ok: false; problem: string };

/**
 * Looks, before anything starts, whether Redis is set up for a queue. Takes 3 s at most. A Redis that cannot be reached is
 * only warned about, since workers do without it; one that refuses us, or may throw jobs away, is a problem.
 * @throws RedisUrlError
 */
export async function checkRedis(url: string): Promise<RedisCheck> {
  const client = connect(parseRedisUrl(url), 'announcing');
  let reason = 'no answer';
  client.on('error', (error: Error) => {
    reason = reasonOf(error);
  });
  try {
    return judgeAll(await withTimeout(readInfo(client), REACH_MS, () => new TimeoutError(reason)));
  } catch (error) {
    return judgeFailure(reasonOf(error));
  } finally {
    client.disconnect();
  }
}

const REACH_MS = 3_000;

async function readInfo(client: RedisClient): Promise<string[]> {
  await once(client, 'ready');
  const servers: Redis[] = 'nodes' in client ? client.nodes('master') : [client];
  // INFO and not CONFIG GET, which hosted servers forbid.
  return await Promise.all(servers.map((server) => server.info()));
}

function judgeFailure(reason: string): RedisCheck {
  if (/^(NOAUTH|WRONGPASS|NOPERM)/.test(reason)) return { ok: false, problem: `Redis refuses us: ${reason}` };
  return { ok: true, warnings: [`Redis cannot be reached (${reason}): work is taken from Postgres until it can`] };
}

/** Of several masters of a cluster the first with a problem counts. */
function judgeAll(infos: readonly string[]): RedisCheck {
  const checks = infos.map(judgeInfo);
  const warnings = checks.flatMap((check) => (check.ok ? check.warnings : []));
  return checks.find((check) => !check.ok) ?? { ok: true, warnings: [...new Set(warnings)] };
}

function judgeInfo(info: string): RedisCheck {
  const policy = field(info, 'maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    return { ok: false, problem: `Redis has maxmemory-policy ${policy} and may throw jobs away: set it to noeviction` };
  }
  const [major = 0] = (field(info, 'redis_version') ?? '').split('.').map(Number);
  const warnings = [
    field(info, 'aof_enabled') === '0' &&
      'Redis has appendonly off: a restart empties the queue, which is then filled again from Postgres',
    major < 7 &&
      `Redis ${field(info, 'redis_version') ?? 'of unknown version'} is older than the versions this was tested with (7 and later)`,
  ];
  return { ok: true, warnings: warnings.filter((warning) => warning !== false) };
}

function field(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
}

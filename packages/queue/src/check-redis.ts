import { once } from 'node:events';
import type { BootReport } from '@hooklane/runtime';
import { TimeoutError, withTimeout } from '@hooklane/runtime';
import type { RedisClient } from './connection.ts';
import { connect, reasonOf } from './connection.ts';
import { field, readInfos } from './redis-info.ts';
import { parseRedisUrl } from './redis-url.ts';

/**
 * Looks, before anything starts, whether Redis is set up for a queue. Takes 3 s at most. A Redis that cannot be reached is
 * only warned about, since workers do without it; one that refuses us, or may throw jobs away, is a problem.
 * @throws RedisUrlError
 */
export async function checkRedis(url: string): Promise<BootReport> {
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
  return readInfos(client);
}

function judgeFailure(reason: string): BootReport {
  if (/^(NOAUTH|WRONGPASS|NOPERM)/.test(reason)) return { problems: [`Redis refuses us: ${reason}`], warnings: [] };
  return { problems: [], warnings: [`Redis cannot be reached (${reason}): work is taken from Postgres until it can`] };
}

/** Several masters of a cluster mostly have the same to say. */
function judgeAll(infos: readonly string[]): BootReport {
  const reports = infos.map(judgeInfo);
  return {
    problems: [...new Set(reports.flatMap((report) => report.problems))],
    warnings: [...new Set(reports.flatMap((report) => report.warnings))],
  };
}

function judgeInfo(info: string): BootReport {
  const policy = field(info, 'maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    const problem = `Redis has maxmemory-policy ${policy} and may throw jobs away: set it to noeviction`;
    return { problems: [problem], warnings: [] };
  }
  const [major = 0] = (field(info, 'redis_version') ?? '').split('.').map(Number);
  const warnings = [
    field(info, 'aof_enabled') === '0' &&
      'Redis has appendonly off: a restart empties the queue, which is then filled again from Postgres',
    major < 7 &&
      `Redis ${field(info, 'redis_version') ?? 'of unknown version'} is older than the versions this was tested with (7 and later)`,
  ];
  return { problems: [], warnings: warnings.filter((warning) => warning !== false) };
}

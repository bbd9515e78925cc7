import { randomBytes } from 'node:crypto';
import { Pool } from 'pg';
import type { Member } from '../../chaos/fleet.ts';
import { administer, databaseUrl } from '../../support/database-server.ts';
import type { Stream } from '../processes/publisher.ts';
import type { Rig } from '../stage.ts';
import { startMember } from '../stage.ts';
import { TABLES } from './tables.ts';

/** The hand-rolled baseline, on the same Postgres and Redis. */
export interface Handrolled {
  readonly api: Member;
  readonly worker: Member;
  stream(stream: Pick<Stream, 'name' | 'types' | 'perSecond' | 'connections' | 'window'>): Stream;
}

export async function openHandrolled(
  rig: Rig,
  { group, types }: { group: string; types: readonly string[] },
): Promise<Handrolled> {
  await administer(rig.postgres.url, 'CREATE DATABASE handrolled');
  const url = databaseUrl(rig.postgres.url, 'handrolled');
  const pool = new Pool({ connectionString: url, max: 1 });
  await pool.query(TABLES);
  for (const [n, type] of types.entries()) {
    await pool.query('INSERT INTO webhooks (org, url, event_type, secret) VALUES ($1, $2, $3, $4)', [
      'bench',
      `http://127.0.0.1:${rig.sinkPort}/${group}/${n}`,
      type,
      randomBytes(32).toString('base64'),
    ]);
  }
  await pool.end();
  const key = randomBytes(24).toString('hex');
  const env = {
    DATABASE_URL: url,
    REDIS_URL: `redis://127.0.0.1:${rig.redis?.port}`,
    API_KEY: key,
    NODE_ENV: 'production',
  };
  const entryOf = (app: 'api' | 'worker') => `test/bench/handrolled/${app}.ts`;
  const start = (app: 'api' | 'worker') =>
    startMember(rig, { name: `handrolled-${app}`, app, env, entry: entryOf(app) });
  const [api, worker] = await Promise.all([start('api'), start('worker')]);
  return {
    api,
    worker,
    stream: (stream) => ({
      port: Number(new URL(api.url).port),
      path: '/orgs/bench/events',
      authorization: `Bearer ${key}`,
      ...stream,
    }),
  };
}

import type { Database } from '@hooklane/postgres';
import {
  capacityOf,
  checkOldKeys,
  checkPostgres,
  checkSealing,
  checkUnsealing,
  clockOf,
  openDatabase,
  whyUnreachable,
} from '@hooklane/postgres';
import type { BootReport } from '@hooklane/runtime';
import { describeError } from '@hooklane/runtime';
import { cureOf } from './cures.ts';
import type { Finding, Level } from './finding.ts';

export interface PostgresSettings {
  url: string;
  /** As far as they could be read. */
  sealingKeys: ReadonlyArray<{ id: string; key: Buffer }>;
  /** Connections that each process may hold. */
  pool: number;
}

/** Postgres, what is in it, and its clock. */
export async function lookAtPostgres(settings: PostgresSettings): Promise<Finding[]> {
  const unreachable = await whyUnreachable(settings.url);
  if (unreachable !== null) return findingsOf('Postgres', { problems: [unreachable.outOfReach], warnings: [] });
  const database = openDatabase({
    url: settings.url,
    name: 'doctor',
    poolSize: 1,
    statementTimeoutMs: 10_000,
    planning: 'free',
    onError: () => {},
  });
  try {
    return await lookAtAll(database, settings);
  } catch (error) {
    const found = `cannot be looked at: ${describeError(error).message}`;
    const cure = 'let the user of DATABASE_URL own the tables, and look again where Postgres went away meanwhile';
    return [{ about: 'Postgres', level: 'problem', found, cure }];
  } finally {
    await database.close();
  }
}

async function lookAtAll({ pool }: Database, { sealingKeys, pool: size }: PostgresSettings): Promise<Finding[]> {
  const keyIds = sealingKeys.map(({ id }) => id);
  return [
    ...findingsOf('Postgres', await checkPostgres(pool)),
    ...findingsOf('Sealing', await checkSealing(pool, keyIds)),
    ...findingsOf('Sealing', await checkUnsealing(pool, sealingKeys)),
    ...findingsOf('Sealing', await checkOldKeys(pool, keyIds)),
    ...judgeCapacity(await capacityOf(pool), size),
    ...judgeClock(await clockOf(pool), Date.now()),
  ];
}

export function findingsOf(about: string, { problems, warnings }: BootReport): Finding[] {
  const told = (level: Level) => (found: string) => ({ about, level, found, cure: cureOf(found) });
  return [...problems.map(told('problem')), ...warnings.map(told('warning'))];
}

const PROCESSES = ['api', 'worker', 'reaper'];

/** One of each process, and the connection by which a worker listens. */
export function judgeCapacity(allowed: number, pool: number): Finding[] {
  const needed = PROCESSES.length * pool + 1;
  if (allowed >= needed) return [];
  const found = `Postgres admits ${allowed} connections of ours; one ${PROCESSES.join(', one ')} may want ${needed}`;
  const cure = 'raise max_connections, or the limit of the database or role; or lower HOOKLANE_PG_POOL';
  return [{ about: 'Postgres', level: 'problem', found, cure }];
}

/** Signatures carry the time of the database, and receivers take 5 minutes; logs of machines are compared by the second. */
const SKEW_MS = 5_000;

export function judgeClock(theirsMs: number, oursMs: number): Finding[] {
  const skewMs = oursMs - theirsMs;
  if (Math.abs(skewMs) < SKEW_MS) return [];
  const found = `our clock is ${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} that of Postgres`;
  const cure = 'let both machines follow a time server (chrony, systemd-timesyncd)';
  return [{ about: 'Clock', level: 'problem', found, cure }];
}

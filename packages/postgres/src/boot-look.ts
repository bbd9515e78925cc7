import type { BootLook } from '@hooklane/runtime';
import type { Pool } from 'pg';
import { isConnectionError } from './connection-errors.ts';
import { checkPostgres, checkSealing } from './durability.ts';
import { outOfReach, whyUnreachable } from './why-unreachable.ts';

export interface BootLookAt {
  databaseUrl: string;
  /** Of a process that opens secrets. */
  sealingKeys?: ReadonlyArray<{ id: string }>;
}

/** What every process wants to know of Postgres before it starts. */
export function lookAtPostgres(pool: Pool, { databaseUrl, sealingKeys = [] }: BootLookAt): BootLook {
  const keyIds = sealingKeys.map(({ id }) => id);
  return async () => {
    const unreachable = await whyUnreachable(databaseUrl);
    if (unreachable !== null) return unreachable;
    try {
      const reports = [await checkPostgres(pool), await checkSealing(pool, keyIds)];
      return {
        problems: reports.flatMap(({ problems }) => problems),
        warnings: reports.flatMap(({ warnings }) => warnings),
      };
    } catch (error) {
      // It went away while we looked.
      if (isConnectionError(error)) return outOfReach(error);
      throw error;
    }
  };
}

import type { Claim, DueStore, EventStore } from '@hooklane/engine';
import { Pool } from 'pg';

/**
 * The guards that keep the promises, each of which can be taken out by `BREAK=<guard>`: a proof that was never seen to
 * fail is no proof.
 */
export const GUARDS = ['fence', 'relay', 'after-commit'] as const;

export type Guard = (typeof GUARDS)[number];

/** @throws TypeError on a guard that does not exist: a misspelt one would prove the opposite. */
export function brokenGuard(env: NodeJS.ProcessEnv): Guard | null {
  const name = env['BREAK'] ?? '';
  if (name === '') return null;
  const guard = GUARDS.find((one) => one === name);
  if (guard === undefined) throw new TypeError(`BREAK=${name} is none of ${GUARDS.join(', ')}`);
  return guard;
}

/** Without the fence a result is written whoever holds the claim by now, and for whatever attempt. */
export function withoutFence(due: DueStore, databaseUrl: string): DueStore {
  const pool = new Pool({ connectionString: databaseUrl, max: 2, allowExitOnIdle: true });
  pool.on('error', () => {});
  return {
    ...due,
    async record(record) {
      const { rows } = await pool.query<Pick<Claim, 'claimNo' | 'attempt'>>(
        'SELECT claim_no AS "claimNo", attempt FROM delivery_due WHERE delivery_id = $1',
        [record.claim.deliveryId],
      );
      return due.record({ ...record, claim: { ...record.claim, ...rows[0] } });
    },
  };
}

/** Without the relay only the queue knows what there is to do. */
export function withoutRelay(due: DueStore): DueStore {
  const nothing = async () => [];
  return { ...due, relay: nothing, take: nothing, takeShares: nothing, waiting: nothing, unqueueAll: async () => {} };
}

/** Producers are answered before the event is safe. */
export function beforeCommit(events: EventStore): EventStore {
  return {
    answered: events.answered,
    async accept(draft) {
      events.accept(draft).catch(() => {});
      return { kind: 'stored' };
    },
  };
}

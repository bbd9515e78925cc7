import { setTimeout as sleep } from 'node:timers/promises';
import { isMended } from './receivers-plan.ts';
import type { Stage } from './stage.ts';
import type { Watch } from './watch.ts';

/** Nothing may arrive at a webhook in such a time. Times are ms since 1970. */
export interface Suspended {
  readonly webhook: string;
  readonly from: number;
  readonly until: number;
}

/** What a person does in the course of a run. */
export interface Acts {
  /** Suspensions that were ended. */
  readonly suspensions: readonly Suspended[];
  /** Diverted events that were sent again, over all operations. */
  readonly resent: number;
  /** Mends the receivers that can be, ends their suspension and sends again what was diverted, faults or not. */
  mend(): Promise<void>;
  /** Again and again, until nothing is set aside for them any more. False: it took too long. */
  mendAll(watch: Watch, timeoutMs: number, signal: AbortSignal): Promise<boolean>;
}

const OPERATION_MS = 30_000;

export function createActs({ org, webhooks, receiver }: Stage): Acts {
  const mendable = webhooks.filter(isMended);
  const suspensions: Suspended[] = [];
  let resent = 0;

  async function unsuspend(id: string, name: string): Promise<void> {
    const { suspended } = await org.webhooks.get(id);
    if (suspended === null) return;
    const until = Date.now();
    await org.webhooks.unsuspend(id);
    suspensions.push({ webhook: name, from: Date.parse(suspended.at), until });
  }

  async function resend(id: string): Promise<void> {
    const { id: operation } = await org.diverted.resendAll(id, {}, { perSecond: 500 });
    const deadline = Date.now() + OPERATION_MS;
    for (;;) {
      const { state, moved } = await org.operations.get(operation);
      if (state === 'done') {
        resent += moved;
        return;
      }
      if (Date.now() > deadline) throw new Error(`resending for ${id} did not end within ${OPERATION_MS} ms`);
      await sleep(250);
    }
  }

  async function mend(): Promise<void> {
    receiver.order({ mend: mendable.map((webhook) => webhook.name) });
    for (const { id, name } of mendable) {
      await unsuspend(id, name);
      await resend(id);
    }
  }

  return {
    suspensions,
    get resent() {
      return resent;
    },
    mend,
    async mendAll(watch, timeoutMs, signal) {
      const deadline = Date.now() + timeoutMs;
      const ids = mendable.map((webhook) => webhook.uuid);
      do {
        // A webhook may have been suspended again by what was under way.
        await mend().catch(() => {});
        if ((await watch.undone()) === 0 && (await watch.diverted(ids)) === 0) return true;
        await sleep(500, undefined, { signal });
      } while (Date.now() < deadline);
      return false;
    },
  };
}

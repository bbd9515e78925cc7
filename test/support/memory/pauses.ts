import type { OrgId, WebhookId } from '@hooklane/domain';
import type { ListedPause, Pause, PauseStore, PauseTarget } from '@hooklane/engine';
import { pauseEntry } from '@hooklane/engine';
import { noteChange } from './audit.ts';
import type { World } from './world.ts';

export function createMemoryPauseStore(world: World): PauseStore {
  const { orgs, webhooks, pauses } = world;

  function isThere(target: PauseTarget): boolean {
    if (target.scope === 'all') return true;
    if (target.scope === 'org') return orgs.has(target.orgId);
    return webhooks.get(target.webhookId)?.orgId === target.orgId;
  }

  return {
    async pause(target, by) {
      if (!isThere(target)) return false;
      if (pauses.has(keyOf(target))) return true;
      pauses.set(keyOf(target), { ...target, at: new Date() });
      noteChange(world, pauseEntry(target, 'paused', by));
      return true;
    },
    async resume(target, by) {
      if (!isThere(target)) return false;
      if (pauses.delete(keyOf(target))) noteChange(world, pauseEntry(target, 'resumed', by));
      return true;
    },
    async list(limit) {
      const listed = [...pauses.values()].toSorted((a, b) => rank(a) - rank(b) || a.at.getTime() - b.at.getTime());
      const counts = { all: 0, org: 0, webhook: 0 };
      for (const { scope } of listed) counts[scope]++;
      return { counts, pauses: listed.slice(0, limit) };
    },
  };
}

/** The widest that holds up one of these. */
export function pauseIn({ pauses }: Pick<World, 'pauses'>, ...ids: Array<OrgId | WebhookId>): Pause | null {
  const [widest] = ['all', ...ids].flatMap((id) => pauses.get(id) ?? []).toSorted((a, b) => rank(a) - rank(b));
  return widest === undefined ? null : { scope: widest.scope, at: widest.at };
}

export function forgetPauses({ pauses }: Pick<World, 'pauses'>, orgId: OrgId): void {
  for (const [key, pause] of pauses) if (pause.scope !== 'all' && pause.orgId === orgId) pauses.delete(key);
}

export function keyOf(target: PauseTarget): string {
  if (target.scope === 'all') return 'all';
  return target.scope === 'org' ? target.orgId : target.webhookId;
}

function rank({ scope }: ListedPause): number {
  return ['all', 'org', 'webhook'].indexOf(scope);
}

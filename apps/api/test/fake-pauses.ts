import type { ListedPause, Org, PauseStore, PauseTarget, Webhook } from '@hooklane/engine';

const AT = new Date('2026-01-02T03:04:05Z');

/** Marks what is paused, where the routes read it. */
export function fakePauses(orgs: { all: Org[] }, webhooks: { all: Webhook[] }): PauseStore {
  let all: ListedPause[] = [];

  function mark(target: PauseTarget, at: Date | null): boolean {
    if (target.scope === 'all') return true;
    const marked: { paused: Org['paused'] } | undefined =
      target.scope === 'org'
        ? orgs.all.find(({ id }) => id === target.orgId)
        : webhooks.all.find(({ id, orgId }) => id === target.webhookId && orgId === target.orgId);
    if (marked !== undefined) marked.paused = at && { scope: target.scope, at };
    return marked !== undefined;
  }

  return {
    async pause(target) {
      all.push({ ...target, at: AT });
      return mark(target, AT);
    },
    async resume(target) {
      all = all.filter(({ scope }) => scope !== target.scope);
      return mark(target, null);
    },
    async list(limit) {
      const counts = { all: 0, org: 0, webhook: 0 };
      for (const { scope } of all) counts[scope]++;
      return { counts, pauses: all.slice(0, limit) };
    },
  };
}

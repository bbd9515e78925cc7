import type { OrgId, SuspendReason, WebhookId } from '@hooklane/domain';
import type { OrgSubscriptions, Webhook, WebhookFilter, WebhookSettings, WebhookStore } from '@hooklane/engine';

export interface FakeWebhooks extends WebhookStore {
  readonly all: Webhook[];
  subscribed(orgId: OrgId): OrgSubscriptions['webhooks'];
  /** What the last list asked for. */
  lastFilter: WebhookFilter | null;
  tooManySecrets: boolean;
}

const AT = new Date('2026-01-02T03:04:05Z');

export function fakeWebhooks(): FakeWebhooks {
  const fakes: FakeWebhooks = {
    all: [],
    lastFilter: null,
    tooManySecrets: false,
    subscribed: (orgId) => fakes.all.filter((webhook) => webhook.orgId === orgId && webhook.enabled),
    async create({ id, orgId, settings, secret }, limitPerOrg) {
      if (fakes.subscribed(orgId).length >= limitPerOrg) return 'limit_reached';
      const state = { suspended: null, secretHint: secret.hint, lastDelivery: null, createdAt: AT, updatedAt: AT };
      fakes.all.push({ id, orgId, ...settings, ...state });
      return fakes.get(orgId, id) as Promise<Webhook>;
    },
    get: async (orgId, id) => fakes.all.find((webhook) => webhook.orgId === orgId && webhook.id === id) ?? null,
    async list(orgId, filter) {
      fakes.lastFilter = filter;
      return { data: fakes.all.filter((webhook) => webhook.orgId === orgId), nextCursor: null };
    },
    change: (webhook, decide) => replace(webhook, (now) => decide(now)),
    async delete({ orgId, id }) {
      const at = fakes.all.findIndex((webhook) => webhook.orgId === orgId && webhook.id === id);
      if (at >= 0) fakes.all.splice(at, 1);
      return at >= 0;
    },
    suspend: (webhook, reason: SuspendReason) =>
      replace(webhook, (now) => ({ suspended: now.suspended ?? { at: AT, reason } })),
    unsuspend: (webhook) => replace(webhook, () => ({ suspended: null })),
    rotateSecret: async (webhook, { secret }) =>
      fakes.tooManySecrets ? 'too_many' : replace(webhook, () => ({ secretHint: secret.hint })),
  };

  async function replace(
    { orgId, id }: { orgId: OrgId; id: WebhookId },
    change: (now: Webhook) => Partial<WebhookSettings & Webhook>,
  ): Promise<Webhook | null> {
    const at = fakes.all.findIndex((webhook) => webhook.orgId === orgId && webhook.id === id);
    const now = fakes.all[at];
    if (now === undefined) return null;
    const changed = { ...now, ...change(now) };
    fakes.all[at] = changed;
    return changed;
  }

  return fakes;
}

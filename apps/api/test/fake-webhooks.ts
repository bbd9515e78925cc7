import { isDeepStrictEqual } from 'node:util';
import type { OrgId, SuspendReason, WebhookId } from '@hooklane/domain';
import { DomainError } from '@hooklane/domain';
import type {
  NewSecret,
  OrgSubscriptions,
  Webhook,
  WebhookFilter,
  WebhookSecret,
  WebhookSettings,
  WebhookStore,
} from '@hooklane/engine';
import { limitReached } from '@hooklane/engine';

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
    async create({ id, orgId, settings, secret }, { webhooksPerOrg }) {
      if (fakes.subscribed(orgId).length >= webhooksPerOrg) throw limitReached(webhooksPerOrg);
      const state = { suspended: null, paused: null, lastDelivery: null, createdAt: AT, updatedAt: AT, version: 1 };
      const secrets = secret === null ? [] : [shown(secret)];
      fakes.all.push({ id, orgId, number: fakes.all.length + 1, ...settings, ...state, secrets });
      return fakes.get(orgId, id) as Promise<Webhook>;
    },
    get: async (orgId, id) => fakes.all.find((webhook) => webhook.orgId === orgId && webhook.id === id) ?? null,
    async list(orgId, filter) {
      fakes.lastFilter = filter;
      return { data: fakes.all.filter((webhook) => webhook.orgId === orgId), nextCursor: null };
    },
    change: (webhook, decide) => replace(webhook, (now) => decide(now)),
    async delete({ orgId, id }, check) {
      const at = fakes.all.findIndex((webhook) => webhook.orgId === orgId && webhook.id === id);
      const [now] = fakes.all.slice(at, at + 1);
      if (at < 0 || now === undefined) return false;
      check?.(now);
      fakes.all.splice(at, 1);
      return true;
    },
    suspend: (webhook, reason: SuspendReason) =>
      replace(webhook, (now) => ({ suspended: now.suspended ?? { at: AT, reason } })),
    unsuspend: (webhook) => replace(webhook, () => ({ suspended: null })),
    async rotateSecret(webhook, { secret, overlapMs, check }) {
      if (fakes.tooManySecrets) throw new DomainError('too_many_secrets');
      return replace(webhook, (now) => {
        check?.(now);
        const old = now.secrets.map((one) => ({ ...one, expiresAt: one.expiresAt ?? AT }));
        return { secrets: [shown(secret), ...(overlapMs > 0 ? old : [])] };
      });
    },
    async expireSecret(webhook, id, check) {
      const now = await fakes.get(webhook.orgId, webhook.id);
      if (now?.secrets.every((secret) => secret.id !== id)) return null;
      return replace(webhook, (before) => {
        check?.(before);
        return { secrets: before.secrets.filter((secret) => secret.id !== id) };
      });
    },
  };

  async function replace(
    { orgId, id }: { orgId: OrgId; id: WebhookId },
    change: (now: Webhook) => Partial<WebhookSettings & Webhook>,
  ): Promise<Webhook | null> {
    const at = fakes.all.findIndex((webhook) => webhook.orgId === orgId && webhook.id === id);
    const now = fakes.all[at];
    if (now === undefined) return null;
    const after = { ...now, ...change(now) };
    const changed = isDeepStrictEqual(now, after) ? now : { ...after, version: now.version + 1 };
    fakes.all[at] = changed;
    return changed;
  }

  return fakes;
}

function shown({ text: _, ...secret }: NewSecret): WebhookSecret {
  return { ...secret, createdAt: AT, expiresAt: null };
}

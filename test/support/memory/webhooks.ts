import type { OrgId, WebhookId } from '@hooklane/domain';
import { DomainError } from '@hooklane/domain';
import type { Webhook, WebhookFilter, WebhookSettings, WebhookStore } from '@hooklane/engine';
import { MAX_SECRETS, webhookChanged, webhookCreated, webhookEntry } from '@hooklane/engine';
import { noteChange } from './audit.ts';
import { pageOf } from './paging.ts';
import type { StoredWebhook, World } from './world.ts';

export function createMemoryWebhookStore(world: World): WebhookStore {
  const { orgs, webhooks } = world;

  function own(orgId: OrgId, id: WebhookId): StoredWebhook | null {
    const webhook = webhooks.get(id);
    return webhook?.orgId === orgId ? webhook : null;
  }

  /** Puts the changed webhook in the place of the old one. */
  function put(webhook: StoredWebhook, changed: Partial<StoredWebhook>): Webhook {
    const now = { ...webhook, ...changed, updatedAt: new Date() };
    webhooks.set(webhook.id, now);
    return shown(now);
  }

  return {
    async create({ id, orgId, settings, secret, by }, limitPerOrg) {
      if (!orgs.has(orgId)) throw new DomainError('not_found');
      const count = [...webhooks.values()].filter((webhook) => webhook.orgId === orgId).length;
      if (count >= limitPerOrg) return 'limit_reached';
      const now = new Date();
      const state = { suspended: null, secretHint: secret.hint, lastDelivery: null, createdAt: now, updatedAt: now };
      const secrets = [{ ...secret, expiresAtMs: Number.POSITIVE_INFINITY }];
      const webhook = { ...settings, id, orgId, ...state, secrets };
      webhooks.set(id, webhook);
      noteChange(world, webhookCreated({ orgId, id, by }, settings));
      return shown(webhook);
    },
    async get(orgId, id) {
      const webhook = own(orgId, id);
      return webhook && shown(webhook);
    },
    async list(orgId, filter, page) {
      const passing = [...webhooks.values()].filter((webhook) => webhook.orgId === orgId && passes(webhook, filter));
      const keyOf = (webhook: Webhook) => [
        filter.sort === 'name' ? webhook.name : webhook.createdAt.getTime(),
        webhook.id,
      ];
      const { data, nextCursor } = pageOf(passing, page, { keyOf, direction: filter.direction });
      return { data: data.map(shown), nextCursor };
    },
    async change(target, decide) {
      const webhook = own(target.orgId, target.id);
      if (webhook === null) return null;
      const before = settingsOf(webhook);
      const after = decide(before);
      for (const entry of webhookChanged(target, before, after)) noteChange(world, entry);
      return put(webhook, after);
    },
    async delete(target) {
      const webhook = own(target.orgId, target.id);
      if (webhook === null) return false;
      noteChange(world, webhookEntry(target, 'webhook.deleted', { name: webhook.name }));
      return webhooks.delete(target.id);
    },
    async suspend(target, reason) {
      const webhook = own(target.orgId, target.id);
      if (webhook === null || webhook.suspended !== null) return webhook && shown(webhook);
      noteChange(world, webhookEntry(target, 'webhook.suspended', { reason }));
      return put(webhook, { suspended: { at: new Date(), reason } });
    },
    async unsuspend(target) {
      const webhook = own(target.orgId, target.id);
      if (webhook === null || webhook.suspended === null) return webhook && shown(webhook);
      noteChange(world, webhookEntry(target, 'webhook.unsuspended'));
      return put(webhook, { suspended: null });
    },
    async rotateSecret(target, { secret, overlapMs }) {
      const webhook = own(target.orgId, target.id);
      if (webhook === null) return null;
      const endMs = Date.now() + overlapMs;
      const still = webhook.secrets
        .map((old) => ({ ...old, expiresAtMs: Math.min(old.expiresAtMs, endMs) }))
        .filter((old) => old.expiresAtMs > Date.now());
      if (still.length >= MAX_SECRETS) return 'too_many';
      const secrets = [{ ...secret, expiresAtMs: Number.POSITIVE_INFINITY }, ...still];
      const details = { hint: secret.hint, overlap_seconds: String(overlapMs / 1000) };
      noteChange(world, webhookEntry(target, 'secret.rotated', details));
      return put(webhook, { secrets, secretHint: secret.hint });
    },
  };
}

function shown({ secrets: _, ...webhook }: StoredWebhook): Webhook {
  return webhook;
}

function settingsOf(webhook: Webhook): WebhookSettings {
  const { name, description, url, events, filters, headers, enabled, failurePolicy, timeoutMs } = webhook;
  return { name, description, url, events, filters, headers, enabled, failurePolicy, timeoutMs };
}

function passes(webhook: Webhook, { name, enabled, suspended, active, eventTypes }: WebhookFilter): boolean {
  const isSuspended = webhook.suspended !== null;
  return (
    (name ?? webhook.name) === webhook.name &&
    (enabled ?? webhook.enabled) === webhook.enabled &&
    (suspended ?? isSuspended) === isSuspended &&
    (active === undefined || active === (webhook.enabled && !isSuspended)) &&
    (eventTypes === undefined || eventTypes.some((type) => webhook.events.includes(type)))
  );
}

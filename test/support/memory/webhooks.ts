import { isDeepStrictEqual } from 'node:util';
import type { OrgId, WebhookId } from '@hooklane/domain';
import { DomainError, hostOfUrl } from '@hooklane/domain';
import type { Webhook, WebhookFilter, WebhookSettings, WebhookStore } from '@hooklane/engine';
import {
  duplicateUrl,
  hostLimitReached,
  limitReached,
  MAX_SECRETS,
  webhookChanged,
  webhookCreated,
  webhookEntry,
} from '@hooklane/engine';
import { noteChange } from './audit.ts';
import { pageOf } from './paging.ts';
import { pauseIn } from './pauses.ts';
import type { StoredWebhook, World } from './world.ts';

export function createMemoryWebhookStore(world: World): WebhookStore {
  const { orgs, webhooks } = world;
  const shown = (webhook: StoredWebhook) => told(world, webhook);

  function own(orgId: OrgId, id: WebhookId): StoredWebhook | null {
    const webhook = webhooks.get(id);
    return webhook?.orgId === orgId ? webhook : null;
  }

  /** Puts the changed webhook in the place of the old one. */
  function put(webhook: StoredWebhook, changed: Partial<StoredWebhook>): Webhook {
    const now = { ...webhook, ...changed, version: webhook.version + 1, updatedAt: new Date() };
    webhooks.set(webhook.id, now);
    return shown(now);
  }

  function of(orgId: OrgId): StoredWebhook[] {
    return [...webhooks.values()].filter((webhook) => webhook.orgId === orgId);
  }

  function refuseDuplicate({ orgId, id }: Pick<Webhook, 'orgId' | 'id'>, url: string): void {
    if (orgs.get(orgId)?.settings.duplicateUrls !== 'refuse') return;
    const other = of(orgId).find((webhook) => webhook.url === url && webhook.id !== id);
    if (other !== undefined) throw duplicateUrl(other.id);
  }

  function refuseCrowdedHost({ orgId, id, url }: Pick<Webhook, 'orgId' | 'id' | 'url'>, perHost?: number): void {
    const limit = orgs.get(orgId)?.settings.maxWebhooksPerHost ?? perHost ?? Number.POSITIVE_INFINITY;
    const others = of(orgId).filter((other) => other.id !== id && hostOfUrl(other.url) === hostOfUrl(url));
    if (others.length >= limit) throw hostLimitReached(limit);
  }

  return {
    async create({ id, orgId, settings, secret, by }, { webhooksPerOrg, webhooksPerHost }) {
      const org = orgs.get(orgId);
      if (org === undefined) throw new DomainError('not_found');
      const limit = org.settings.maxWebhooks ?? webhooksPerOrg;
      if (of(orgId).length >= limit) throw limitReached(limit);
      refuseCrowdedHost({ orgId, id, url: settings.url }, webhooksPerHost);
      refuseDuplicate({ orgId, id }, settings.url);
      const now = new Date();
      const state = { suspended: null, lastDelivery: null, createdAt: now, updatedAt: now };
      const keys = secret === null ? [] : [{ ...secret, createdAt: now, expiresAt: null }];
      const webhook = { ...settings, id, orgId, number: nextNumber(), version: 1, ...state, keys };
      webhooks.set(id, webhook);
      noteChange(world, webhookCreated({ orgId, id, by }, settings));
      return shown(webhook);
    },
    async get(orgId, id) {
      const webhook = own(orgId, id);
      return webhook && shown(webhook);
    },
    async list(orgId, filter, page) {
      const passing = of(orgId).filter((webhook) => passes(webhook, filter));
      const keyOf = (webhook: StoredWebhook) => [
        filter.sort === 'name' ? webhook.name : webhook.createdAt.getTime(),
        webhook.id,
      ];
      const { data, nextCursor } = pageOf(passing, page, { keyOf, direction: filter.direction });
      return { data: data.map(shown), nextCursor };
    },
    async change(target, decide, limits) {
      const webhook = own(target.orgId, target.id);
      if (webhook === null) return null;
      const before = settingsOf(webhook);
      const after = settingsOf(decide(shown(webhook)));
      if (isDeepStrictEqual(before, after)) return shown(webhook);
      if (hostOfUrl(after.url) !== hostOfUrl(before.url)) {
        refuseCrowdedHost({ ...webhook, url: after.url }, limits?.webhooksPerHost);
      }
      if (after.url !== before.url) refuseDuplicate(webhook, after.url);
      for (const entry of webhookChanged(target, before, after)) noteChange(world, entry);
      return put(webhook, after);
    },
    async delete(target, check = () => {}) {
      const webhook = own(target.orgId, target.id);
      if (webhook === null) return false;
      check(shown(webhook));
      noteChange(world, webhookEntry(target, 'webhook.deleted', { name: webhook.name }));
      world.pauses.delete(target.id);
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
    async rotateSecret(target, { secret, overlapMs, check }) {
      const webhook = own(target.orgId, target.id);
      if (webhook === null) return null;
      check?.(shown(webhook));
      const end = new Date(Date.now() + overlapMs);
      const still = valid(webhook.keys)
        .map((old) => ({ ...old, expiresAt: old.expiresAt !== null && old.expiresAt < end ? old.expiresAt : end }))
        .filter((old) => old.expiresAt > new Date());
      if (still.length >= MAX_SECRETS) throw new DomainError('too_many_secrets');
      const keys = [{ ...secret, createdAt: new Date(), expiresAt: null }, ...still];
      const details = { ...named(secret), overlap_seconds: String(overlapMs / 1000) };
      noteChange(world, webhookEntry(target, 'secret.rotated', details));
      return put(webhook, { keys });
    },
    async expireSecret(target, id, check) {
      const webhook = own(target.orgId, target.id);
      const secret = webhook && valid(webhook.keys).find((key) => key.id === id);
      if (!webhook || !secret) return null;
      check?.(shown(webhook));
      noteChange(world, webhookEntry(target, 'secret.removed', named(secret)));
      return put(webhook, { keys: webhook.keys.filter((key) => key.id !== id) });
    },
  };
}

let numbers = 0;

function nextNumber(): number {
  numbers++;
  return numbers;
}

function named({ hint, tag }: { hint: string; tag: string | null }): Record<string, string> {
  return tag === null ? { hint } : { hint, tag };
}

function valid(keys: StoredWebhook['keys']): StoredWebhook['keys'] {
  return keys.filter(({ expiresAt }) => expiresAt === null || expiresAt > new Date());
}

function told(world: World, { keys, ...webhook }: StoredWebhook): Webhook {
  const paused = pauseIn(world, webhook.orgId, webhook.id);
  return { ...webhook, paused, secrets: valid(keys).map(({ text: _, ...secret }) => secret) };
}

function settingsOf(webhook: WebhookSettings): WebhookSettings {
  const { name, description, url, events, filters, headers, auth, profile, contentType, signing } = webhook;
  const { enabled, failurePolicy, timeoutMs, rateLimit, maxInFlight } = webhook;
  const { verifyTls, caBundle, clientCertificate } = webhook;
  const sent = { url, headers, auth, profile, contentType, signing, timeoutMs, rateLimit, maxInFlight };
  const tls = { verifyTls, caBundle, clientCertificate };
  return { name, description, events, filters, ...sent, ...tls, enabled, failurePolicy };
}

function passes(webhook: StoredWebhook, { name, enabled, suspended, active, eventTypes }: WebhookFilter): boolean {
  const isSuspended = webhook.suspended !== null;
  return (
    (name ?? webhook.name) === webhook.name &&
    (enabled ?? webhook.enabled) === webhook.enabled &&
    (suspended ?? isSuspended) === isSuspended &&
    (active === undefined || active === (webhook.enabled && !isSuspended)) &&
    (eventTypes === undefined || eventTypes.some((type) => webhook.events.includes(type)))
  );
}

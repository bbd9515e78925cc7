import type { OrgSettings } from '@hooklane/engine';
import { z } from 'zod';
import { changeRateLimits, presentRateLimits, rateLimitsBody, rateLimitsSchema } from './rate-limits.ts';

const duplicateUrls = z
  .enum(['allow', 'refuse'])
  .describe('Whether two webhooks of the org may have the same URL. Those there are stay.');
const maxWebhooks = z
  .int()
  .min(1)
  .max(10_000)
  .nullable()
  .describe('How many webhooks the org may have; null: as many as `HOOKLANE_WEBHOOKS_PER_ORG` says.');

export const orgSettingsSchema = z
  .strictObject({
    duplicate_urls: duplicateUrls,
    max_webhooks: maxWebhooks,
    rate_limits: rateLimitsSchema.describe('Of all keys of the org together.'),
  })
  .meta({
    id: 'OrgSettings',
    examples: [
      {
        duplicate_urls: 'allow',
        max_webhooks: null,
        rate_limits: { requests_per_second: null, events_per_second: 1000 },
      },
    ],
  });

/** What is left out stays as it is. */
export const orgSettingsBody = z
  .strictObject({
    duplicate_urls: duplicateUrls.optional(),
    max_webhooks: maxWebhooks.optional(),
    rate_limits: rateLimitsBody.optional(),
  })
  .meta({ id: 'OrgSettingsChange', examples: [{ max_webhooks: 500, rate_limits: { events_per_second: 1000 } }] });

export function presentOrgSettings(settings: OrgSettings): z.output<typeof orgSettingsSchema> {
  return {
    duplicate_urls: settings.duplicateUrls,
    max_webhooks: settings.maxWebhooks,
    rate_limits: presentRateLimits(settings.rateLimits),
  };
}

export function changeOrgSettings(now: OrgSettings, change: z.output<typeof orgSettingsBody> = {}): OrgSettings {
  const { duplicate_urls = now.duplicateUrls, max_webhooks = now.maxWebhooks, rate_limits } = change;
  const rateLimits = changeRateLimits(now.rateLimits, rate_limits);
  return { ...now, duplicateUrls: duplicate_urls, maxWebhooks: max_webhooks, rateLimits };
}

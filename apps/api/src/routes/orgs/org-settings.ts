import { isHeaderPrefix } from '@hooklane/domain';
import type { OrgSettings } from '@hooklane/engine';
import { z } from 'zod';
import { changeRateLimits, presentRateLimits, rateLimitsBody, rateLimitsSchema } from './rate-limits.ts';

const duplicateUrls = z
  .enum(['allow', 'refuse'])
  .describe('Whether two webhooks of the org may have the same URL. Those there are stay.');
const unknownEventTypes = z
  .enum(['allow', 'refuse'])
  .describe('What becomes of events whose type is not in the catalogue.');
const maxWebhooks = z
  .int()
  .min(1)
  .max(10_000)
  .nullable()
  .describe('How many webhooks the org may have; null: as many as `HOOKLANE_WEBHOOKS_PER_ORG` says.');
const maxWebhooksPerHost = z
  .int()
  .min(1)
  .max(10_000)
  .nullable()
  .describe(
    'How many of them may have the same host in their URLs, on whatever ports; null: as many as `HOOKLANE_WEBHOOKS_PER_HOST` says. Those there are stay.',
  );

const brand = {
  header_prefix: z
    .string()
    .regex(/^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/, {
      error: 'must be lower-case letters, digits and inner hyphens',
      abort: true,
    })
    .refine(isHeaderPrefix, 'would make headers that steer a connection or belong to others')
    .nullable()
    .describe('In the place of `webhook` in the headers of the profile `standard`: `acme` makes `acme-id`.'),
  user_agent: z
    .string()
    .regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,126}[\x21-\x7e])?$/, 'must be 1 to 128 visible ASCII characters')
    .nullable()
    .describe('Of all requests to receivers. Null: that of `HOOKLANE_USER_AGENT`.'),
};

export const orgSettingsSchema = z
  .strictObject({
    duplicate_urls: duplicateUrls,
    unknown_event_types: unknownEventTypes,
    max_webhooks: maxWebhooks,
    max_webhooks_per_host: maxWebhooksPerHost,
    brand: z.strictObject(brand).describe('How requests to receivers look.'),
    rate_limits: rateLimitsSchema.describe('Of all keys of the org together.'),
  })
  .meta({
    id: 'OrgSettings',
    examples: [
      {
        duplicate_urls: 'allow',
        unknown_event_types: 'allow',
        max_webhooks: null,
        max_webhooks_per_host: null,
        brand: { header_prefix: null, user_agent: 'Acme-Hooks/1.0' },
        rate_limits: { requests_per_second: null, events_per_second: 1000 },
      },
    ],
  });

/** What is left out stays as it is. */
export const orgSettingsBody = z
  .strictObject({
    duplicate_urls: duplicateUrls.optional(),
    unknown_event_types: unknownEventTypes.optional(),
    max_webhooks: maxWebhooks.optional(),
    max_webhooks_per_host: maxWebhooksPerHost.optional(),
    brand: z.strictObject(brand).partial().optional(),
    rate_limits: rateLimitsBody.optional(),
  })
  .meta({ id: 'OrgSettingsChange', examples: [{ max_webhooks: 500, rate_limits: { events_per_second: 1000 } }] });

export function presentOrgSettings(settings: OrgSettings): z.output<typeof orgSettingsSchema> {
  return {
    duplicate_urls: settings.duplicateUrls,
    unknown_event_types: settings.unknownEventTypes,
    max_webhooks: settings.maxWebhooks,
    max_webhooks_per_host: settings.maxWebhooksPerHost,
    brand: { header_prefix: settings.brand.headerPrefix, user_agent: settings.brand.userAgent },
    rate_limits: presentRateLimits(settings.rateLimits),
  };
}

export function changeOrgSettings(now: OrgSettings, change: z.output<typeof orgSettingsBody> = {}): OrgSettings {
  return {
    duplicateUrls: change.duplicate_urls ?? now.duplicateUrls,
    unknownEventTypes: change.unknown_event_types ?? now.unknownEventTypes,
    ...changeLimits(now, change),
    brand: changeBrand(now.brand, change.brand),
    rateLimits: changeRateLimits(now.rateLimits, change.rate_limits),
  };
}

function changeLimits(now: OrgSettings, change: z.output<typeof orgSettingsBody>) {
  const { max_webhooks: most = now.maxWebhooks, max_webhooks_per_host: mostPerHost = now.maxWebhooksPerHost } = change;
  return { maxWebhooks: most, maxWebhooksPerHost: mostPerHost };
}

function changeBrand(
  now: OrgSettings['brand'],
  { header_prefix = now.headerPrefix, user_agent = now.userAgent }: z.output<typeof orgSettingsBody>['brand'] = {},
): OrgSettings['brand'] {
  return { headerPrefix: header_prefix, userAgent: user_agent };
}

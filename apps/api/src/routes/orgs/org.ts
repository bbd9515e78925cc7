import { formatId } from '@hooklane/domain';
import type { Org } from '@hooklane/engine';
import { z } from 'zod';
import { idText, orgSlug, time, timestamp } from '../../contract/fields.ts';
import { pausedField, presentPaused } from '../../contract/pause.ts';
import { orgSettingsSchema, presentOrgSettings } from './org-settings.ts';

export const orgSchema = z
  .strictObject({
    id: idText('org'),
    slug: orgSlug.describe('Names the org in paths.'),
    name: z.string().describe('The slug where none was given.'),
    settings: orgSettingsSchema,
    paused: pausedField,
    created_at: timestamp,
  })
  .meta({
    id: 'Org',
    examples: [
      {
        id: 'org_01ja8v5qk3f7nr2xw9m4t6y0bc',
        slug: 'acme',
        name: 'Acme Inc.',
        settings: {
          duplicate_urls: 'allow',
          unknown_event_types: 'allow',
          max_webhooks: null,
          max_webhooks_per_host: null,
          brand: { header_prefix: null, user_agent: null },
          rate_limits: { requests_per_second: null, events_per_second: 1000 },
        },
        paused: null,
        created_at: '2026-01-02T03:04:05.000Z',
      },
    ],
  });

export function presentOrg(org: Org): z.output<typeof orgSchema> {
  const { id, slug, name, settings, createdAt } = org;
  return {
    id: formatId('org', id),
    slug,
    name,
    settings: presentOrgSettings(settings),
    paused: presentPaused(org.paused),
    created_at: time(createdAt),
  };
}

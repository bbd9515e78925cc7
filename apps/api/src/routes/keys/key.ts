import { formatId } from '@hooklane/domain';
import type { ApiKey } from '@hooklane/engine';
import { SCOPES } from '@hooklane/engine';
import { z } from 'zod';
import { idText, time, timestamp } from '../../contract/fields.ts';
import { presentRateLimits, rateLimitsSchema } from '../orgs/rate-limits.ts';

export const scopeSchema = z.enum(SCOPES).meta({ id: 'Scope', description: 'What a key may do.' });

const fields = {
  id: idText('key'),
  name: z.string(),
  hint: z.string().describe('The last four characters of the key.'),
  scopes: z.array(scopeSchema),
  rate_limits: rateLimitsSchema.describe('Of this key alone; those of its org apply too.'),
  expires_at: timestamp.nullable(),
  last_used_at: timestamp.nullable().describe('To the minute.'),
  created_at: timestamp,
};

const example = {
  id: 'key_01ja8v5qk3f7nr2xw9m4t6y0bc',
  name: 'billing service',
  hint: 'x3Fq',
  scopes: ['events:write'],
  rate_limits: { requests_per_second: null, events_per_second: 200 },
  expires_at: null,
  last_used_at: '2026-01-02T03:04:00.000Z',
  created_at: '2026-01-02T03:00:00.000Z',
};

export const keySchema = z.strictObject(fields).meta({ id: 'ApiKey', examples: [example] });

export const createdKeySchema = z
  .strictObject({ ...fields, key: z.string().describe('The key itself. Told here and never again.') })
  .meta({
    id: 'CreatedApiKey',
    examples: [{ ...example, last_used_at: null, key: 'hl_5hV0pXnQ8sT2uYw4zB6dF1gJ3kM7rL9cEaIoUqSx3Fq' }],
  });

export function presentKey(key: ApiKey): z.output<typeof keySchema> {
  return {
    id: formatId('key', key.id),
    name: key.name,
    hint: key.hint,
    scopes: [...key.scopes],
    rate_limits: presentRateLimits(key.rateLimits),
    expires_at: time(key.expiresAt),
    last_used_at: time(key.lastUsedAt),
    created_at: time(key.createdAt),
  };
}

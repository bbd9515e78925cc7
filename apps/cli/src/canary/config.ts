import type { ConfigOf, Env } from '@hooklane/runtime';
import { ALL_NAMES, defineConfig, durationMs, healthSettings, integer, logSettings, url } from '@hooklane/runtime';
import { z } from 'zod';
import { CliError, EXIT } from '../exit-codes.ts';
import { cliSettings } from '../settings.ts';

/** Above it a healthy canary would look silent to the alert; below it, it would be a load test. */
const LONGEST_INTERVAL_MS = 60_000;
const SHORTEST_INTERVAL_MS = 100;

export const canarySettings = {
  apiUrl: cliSettings.url,
  key: cliSettings.key,
  ...logSettings,
  ...healthSettings,
  receiverUrl: {
    env: 'HOOKLANE_CANARY_URL',
    schema: url(['http', 'https']).optional(),
    description:
      'Where workers reach the canary: it registers this URL as a webhook, under the same rules as any other.',
  },
  receiverPort: {
    env: 'HOOKLANE_CANARY_PORT',
    schema: integer({ min: 0, max: 65_535 }),
    description: 'Port that the canary receives at (0: any free one).',
    default: '8090',
  },
  org: {
    env: 'HOOKLANE_CANARY_ORG',
    schema: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected a slug: up to 63 of a-z, 0-9 and -'),
    description: "Slug of the canary's org. It is made where the key is the operator's.",
    default: 'canary',
  },
  intervalMs: {
    env: 'HOOKLANE_CANARY_INTERVAL',
    schema: durationMs().refine(
      (ms) => ms >= SHORTEST_INTERVAL_MS && ms <= LONGEST_INTERVAL_MS,
      'expected a duration from 100ms to 1m',
    ),
    description: 'How often the canary publishes an event, from 100ms to 1m.',
    default: '1m',
  },
} as const;

export interface CanaryConfig extends ConfigOf<typeof canarySettings> {
  readonly key: string;
  readonly receiverUrl: string;
}

/** Throws a ConfigError with all problems, or a CliError for what a canary cannot do without. */
export function readCanaryConfig(env: Env): CanaryConfig {
  const config = defineConfig(canarySettings).read(env, ALL_NAMES);
  const { key, receiverUrl } = config;
  if (key === undefined) throw new CliError(EXIT.usage, 'Which key? Set HOOKLANE_API_KEY, or give --key.');
  if (receiverUrl === undefined) {
    throw new CliError(EXIT.usage, 'Where do workers reach this canary? Set HOOKLANE_CANARY_URL, or give --receiver.');
  }
  return { ...config, key, receiverUrl };
}

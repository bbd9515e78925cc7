import type { ConfigOf } from '@hooklane/runtime';
import {
  databaseSettings,
  defineConfig,
  healthSettings,
  integer,
  logSettings,
  networkSettings,
  queueSettings,
  sealingSettings,
  traceSettings,
} from '@hooklane/runtime';
import { z } from 'zod';

const settings = {
  ...databaseSettings,
  ...queueSettings,
  ...sealingSettings,
  ...networkSettings,
  ...logSettings,
  port: {
    env: 'PORT',
    schema: integer({ min: 0, max: 65_535 }),
    description: 'The port the API listens on; 0 takes any free one.',
    default: '8080',
  },
  ...healthSettings,
  ...traceSettings,
  operatorKey: {
    env: 'HOOKLANE_OPERATOR_KEY',
    // Only what can stand in a header; a colon would end a Basic user name.
    schema: z.string().regex(/^[\x21-\x39\x3b-\x7e]{32,256}$/, 'expected 32 to 256 visible ASCII characters, no colon'),
    description: "The operator's own API key: it makes orgs and their keys and may do everything else.",
    secret: true,
  },
  maxPayloadBytes: {
    env: 'HOOKLANE_MAX_PAYLOAD_BYTES',
    schema: integer({ min: 1024, max: 16 * 1024 * 1024 }),
    description: 'How large the payload of an event may be.',
    default: '262144',
  },
  maxDepth: {
    env: 'HOOKLANE_MAX_DEPTH',
    schema: integer({ min: 1, max: 1000 }),
    description: 'How deeply the payload of an event may be nested.',
    default: '64',
  },
  webhooksPerOrg: {
    env: 'HOOKLANE_WEBHOOKS_PER_ORG',
    schema: integer({ min: 1, max: 10_000 }),
    description: 'How many webhooks an org may have.',
    default: '100',
  },
  webhooksPerHost: {
    env: 'HOOKLANE_WEBHOOKS_PER_HOST',
    schema: integer({ min: 1, max: 10_000 }),
    description: 'How many webhooks an org may have whose URLs have the same host.',
    default: '50',
  },
  orgRequestsPerSecond: {
    env: 'HOOKLANE_ORG_REQUESTS_PER_SECOND',
    schema: integer({ min: 0, max: 1_000_000 }),
    description: 'Requests per second of an org that has no limit of its own; 0: no limit.',
    default: '0',
  },
  orgEventsPerSecond: {
    env: 'HOOKLANE_ORG_EVENTS_PER_SECOND',
    schema: integer({ min: 0, max: 1_000_000 }),
    description: 'Events published per second by an org that has no limit of its own; 0: no limit.',
    default: '0',
  },
} as const;

export const apiConfig = defineConfig(settings);

export type ApiConfig = ConfigOf<typeof settings>;

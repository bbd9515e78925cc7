import { z } from 'zod';

/** What the command line reads from the environment; each has an option too. */
export const cliSettings = {
  url: {
    env: 'HOOKLANE_URL',
    schema: z.string().min(1),
    description: 'Where the API is.',
    default: 'http://127.0.0.1:8080',
  },
  key: {
    env: 'HOOKLANE_API_KEY',
    schema: z.string().min(1).optional(),
    description: "Key of the org, or the operator's. An option is seen by all users of the machine.",
    secret: true,
  },
  org: {
    env: 'HOOKLANE_ORG',
    schema: z.string().min(1).optional(),
    description: 'Slug of the org that is meant.',
  },
  webhookSecret: {
    env: 'HOOKLANE_WEBHOOK_SECRET',
    schema: z.string().min(1).optional(),
    description:
      'Secret that `hooklane listen` verifies with; while one is being rotated several, separated by commas.',
    secret: true,
  },
} as const;

import { z } from 'zod';

/** What `npm start` reads itself; what it starts reads the rest. */
export const standaloneSettings = {
  dataDir: {
    env: 'HOOKLANE_DATA_DIR',
    schema: z.string().min(1).optional(),
    description:
      'Folder of the data and keys of `npm start`; the user that Postgres runs as must be able to pass. Default: `/var/lib/hooklane` for root, `~/.local/share/hooklane` for others.',
  },
} as const;

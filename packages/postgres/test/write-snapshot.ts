import { writeFileSync } from 'node:fs';
import { generateDrizzleJson } from 'drizzle-kit/api';
import * as schema from '../src/schema/index.ts';

/** `npm run db:snapshot`: as long as the first migration is edited by hand, its snapshot is made anew from the schema. */
const { id: _, ...described } = generateDrizzleJson(schema);
// Kept the same, so that a file which says the same is the same.
const id = '00000000-0000-0000-0000-000000000001';
const file = new URL('../../../migrations/meta/0000_snapshot.json', import.meta.url);
writeFileSync(file, `${JSON.stringify({ id, ...described }, null, 2)}\n`);

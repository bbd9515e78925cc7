import { readFileSync } from 'node:fs';
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api';
import type { ClientBase } from 'pg';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestDatabase } from '../../../test/support/database.ts';
import { createTestDatabase } from '../../../test/support/database.ts';
import { migrate } from './migrate.ts';
import * as schema from './schema/index.ts';

const EMPTY = generateDrizzleJson({});
const DESCRIBED = generateDrizzleJson(schema);

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await database[Symbol.asyncDispose]();
});

test('the tables that the migrations make are those that the schema describes', async () => {
  await client.query('CREATE SCHEMA described; SET search_path TO described');
  for (const statement of await generateMigration(EMPTY, DESCRIBED)) await client.query(statement);
  await client.query('SET search_path TO public');
  const [made, described] = [await shapeOf(client, 'public'), await shapeOf(client, 'described')];
  expect(made.length).toBeGreaterThan(100);
  expect(made).toEqual(described);
});

test('who migrates is told how many migrations there were to apply', async () => {
  await using bare = await createTestDatabase();
  const owner = new Client({ connectionString: bare.url });
  await owner.connect();
  await owner.query('DROP SCHEMA public CASCADE; DROP SCHEMA drizzle CASCADE; CREATE SCHEMA public');
  await owner.end();
  const { entries } = JSON.parse(readMeta('_journal.json')) as { entries: unknown[] };

  expect([await migrate(bare.url), await migrate(bare.url)]).toEqual([entries.length, 0]);
});

test('the newest snapshot is the schema, so that the next migration begins from what there is', async () => {
  const { entries } = JSON.parse(readMeta('_journal.json')) as { entries: { tag: string }[] };
  const newest = entries.at(-1)?.tag.split('_')[0];
  const snapshot = JSON.parse(readMeta(`${newest}_snapshot.json`)) as typeof DESCRIBED;
  const missing = await generateMigration(snapshot, DESCRIBED);
  expect(missing, '`npm run db:snapshot` brings it up to date').toEqual([]);
});

function readMeta(name: string): string {
  return readFileSync(new URL(`../../../migrations/meta/${name}`, import.meta.url), 'utf8');
}

/** Columns, indexes and constraints, one a line. How rows are stored and partitioned is the migrations' own. */
async function shapeOf(sql: ClientBase, namespace: string): Promise<string[]> {
  const { rows } = await sql.query<{ line: string }>(
    `WITH tables AS (
       SELECT oid, relname FROM pg_class
       WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
     )
     SELECT concat_ws(' ', relname, attname, format_type(atttypid, atttypmod), attnotnull,
       nullif(attidentity, ''), pg_get_expr(adbin, adrelid)) AS line
     FROM tables JOIN pg_attribute ON attrelid = tables.oid AND attnum > 0 AND NOT attisdropped
     LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
     UNION ALL
     SELECT replace(replace(pg_get_indexdef(indexrelid), 'ON ONLY ', 'ON '), $1 || '.', '')
     FROM tables JOIN pg_index ON indrelid = tables.oid
     UNION ALL
     SELECT concat_ws(' ', relname, conname, pg_get_constraintdef(pg_constraint.oid))
     FROM tables JOIN pg_constraint ON conrelid = tables.oid AND contype <> 'n'
     ORDER BY line`,
    [namespace],
  );
  return rows.map(({ line }) => line);
}

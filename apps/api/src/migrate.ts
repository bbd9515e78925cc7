import { migrate } from '@hooklane/postgres';
import { databaseSettings, defineConfig, runMain } from '@hooklane/runtime';

/** `npm run migrate`: brings the database to the schema of this version. Harmless to run again. */
await runMain('migrate', async () => {
  const { databaseUrl } = databaseSettings;
  const config = defineConfig({ databaseUrl });
  await migrate(config.read({ DATABASE_URL: process.env['DATABASE_URL'] }).databaseUrl);
  process.stdout.write('hooklane migrate: the database has the newest schema\n');
});

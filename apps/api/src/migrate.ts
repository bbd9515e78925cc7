import { migrate, whyUnreachable } from '@hooklane/postgres';
import { ConfigError, databaseSettings, defineConfig, runMain } from '@hooklane/runtime';

/** `npm run migrate`: brings the database to the schema of this version. Harmless to run again. */
await runMain('migrate', async () => {
  const { databaseUrl } = databaseSettings;
  const config = defineConfig({ databaseUrl }).read({ DATABASE_URL: process.env['DATABASE_URL'] });
  const unreachable = await whyUnreachable(config.databaseUrl);
  if (unreachable !== null) throw new ConfigError([unreachable.outOfReach]);
  await migrate(config.databaseUrl);
  process.stdout.write('hooklane migrate: the database has the newest schema\n');
});

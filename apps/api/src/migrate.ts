import { migrate, whyUnreachable } from '@hooklane/postgres';
import { ConfigError, databaseSettings, defineConfig, runMain } from '@hooklane/runtime';

/** `npm run migrate`: brings the database to the schema of this version. Harmless to run again. */
await runMain('migrate', async () => {
  const { databaseUrl } = databaseSettings;
  const config = defineConfig({ databaseUrl }).read({ DATABASE_URL: process.env['DATABASE_URL'] });
  const unreachable = await whyUnreachable(config.databaseUrl);
  if (unreachable !== null) throw new ConfigError([unreachable.outOfReach]);
  const applied = await migrate(config.databaseUrl);
  const did = applied === 0 ? 'there was nothing to apply' : `${applied} applied`;
  process.stdout.write(`hooklane migrate: ${did}; the database has the newest schema\n`);
});

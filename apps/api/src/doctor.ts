import { checkPostgres, openDatabase } from '@hooklane/postgres';
import { checkRedis } from '@hooklane/queue';
import type { BootReport } from '@hooklane/runtime';
import { databaseSettings, defineConfig, describeError, queueSettings, runMain } from '@hooklane/runtime';

/**
 * `npm run doctor`: looks at Postgres and Redis as every process does before it starts, and says what it finds. Exit
 * code 1 where something is wrong.
 */
await runMain('doctor', async () => {
  const { databaseUrl } = databaseSettings;
  const { redisUrl } = queueSettings;
  const { DATABASE_URL, REDIS_URL } = process.env;
  const config = defineConfig({ databaseUrl, redisUrl }).read({ DATABASE_URL, REDIS_URL });

  const isFine = [await tell('Postgres', () => lookAtPostgres(config.databaseUrl))];
  if (config.redisUrl === undefined) say('Redis', '-', 'REDIS_URL is not set: work is taken from Postgres');
  else isFine.push(await tell('Redis', checkRedis.bind(null, config.redisUrl)));
  process.exitCode = isFine.every(Boolean) ? 0 : 1;
});

async function lookAtPostgres(url: string): Promise<BootReport> {
  const database = openDatabase({ url, name: 'doctor', poolSize: 1, statementTimeoutMs: 10_000, onError: () => {} });
  try {
    return await checkPostgres(database.pool);
  } finally {
    await database.close();
  }
}

async function tell(what: string, look: () => Promise<BootReport>): Promise<boolean> {
  const { problems, warnings } = await look().catch(unreachable);
  for (const problem of problems) say(what, 'x', problem);
  for (const warning of warnings) say(what, '!', warning);
  if (problems.length + warnings.length === 0) say(what, 'ok', 'as it should be');
  return problems.length === 0;
}

function unreachable(error: unknown): BootReport {
  return { problems: [`cannot be reached: ${describeError(error).message}`], warnings: [] };
}

function say(what: string, mark: string, text: string): void {
  process.stdout.write(`${what.padEnd(9)} ${mark.padEnd(3)} ${text}\n`);
}

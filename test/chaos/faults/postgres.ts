import { Client } from 'pg';
import type { Injector, World } from './fault.ts';
import { NoEffectError, seen } from './fault.ts';

/** SIGKILL of one server process: Postgres then ends all others and recovers from its log. */
export const killBackend: Injector = async ({ postgres }) => {
  // The fault before this one may have left it busy with its recovery.
  await answering(postgres.url);
  const pid = await ask(postgres.url, async (client) => {
    const { rows } = await client.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'hooklane-%' ORDER BY state = 'active' DESC, pid LIMIT 1`,
    );
    return rows[0]?.pid;
  });
  if (pid === undefined) throw new NoEffectError('nobody is connected to Postgres');
  process.kill(pid, 'SIGKILL');
  await seen(`backend ${pid} to be gone`, () => !exists(pid));
  return { evidence: `backend ${pid} is gone`, lift: () => answering(postgres.url) };
};

/** SIGQUIT: no farewell, recovery at the next start. */
export const stopImmediately: Injector = async ({ postgres }) => {
  const { pid, exited } = postgres.server;
  process.kill(pid, 'SIGQUIT');
  await exited;
  await refusing(postgres.url);
  return { evidence: `server ${pid} has ended`, lift: () => postgres.start() };
};

export const kill: Injector = async ({ postgres }) => {
  const { pid } = postgres.server;
  await postgres.server.kill();
  await refusing(postgres.url);
  return { evidence: `server ${pid} is gone`, lift: () => postgres.start() };
};

async function ask<T>(url: string, question: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return await question(client);
  } finally {
    await client.end().catch(() => {});
  }
}

async function answers(url: string): Promise<boolean> {
  return ask(url, (client) => client.query('SELECT 1')).then(
    () => true,
    () => false,
  );
}

async function answering(url: World['postgres']['url']): Promise<void> {
  await seen('Postgres to answer', () => answers(url));
}

async function refusing(url: string): Promise<void> {
  await seen('Postgres to be away', async () => !(await answers(url)));
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

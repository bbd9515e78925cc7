import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { ClusterPlace } from './cluster.ts';
import { cleanEnvironment, identity, ownName } from './cluster.ts';
import { PrivatePostgresError } from './private-postgres-error.ts';
import { serverArguments } from './server-arguments.ts';

export interface Server {
  readonly pid: number;
  readonly port: number;
  /** Settles when the process has ended, for whatever reason; never rejects. */
  readonly exited: Promise<void>;
  readonly hasExited: () => boolean;
  /** The end of what it logged. */
  readonly recentLog: () => string;
}

export interface ServerOptions extends ClusterPlace {
  readonly port: number;
  readonly onLog: (line: string) => void;
}

export async function launch({ onLog, ...options }: ServerOptions): Promise<Server> {
  const child = spawn(options.binaries.postgres, serverArguments(options), {
    ...identity(options.runAs),
    cwd: options.dataDir,
    env: cleanEnvironment,
    stdio: ['ignore', 'ignore', 'pipe'],
    // In a process group of its own: a Ctrl-C must reach those who use it first.
    detached: true,
  });
  const recent: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    recent.push(line);
    if (recent.length > 20) recent.shift();
    onLog(line);
  });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    pid: await pidOf(child),
    port: options.port,
    exited,
    hasExited: () => child.exitCode !== null || child.signalCode !== null,
    recentLog: () => recent.join('\n'),
  };
}

async function pidOf(child: ChildProcess): Promise<number> {
  if (child.pid !== undefined) return child.pid;
  const cause = await new Promise<Error>((resolve) => child.once('error', resolve));
  throw new PrivatePostgresError(`Postgres cannot be executed: ${cause.message}`, { cause });
}

/** @returns whether it answers; false when it has exited before it did, or time is up. */
export async function becomesReady(server: Server, password: string, deadline: number): Promise<boolean> {
  while (!server.hasExited() && Date.now() < deadline) {
    if (await answers(server, password)) return true;
    await Promise.race([sleep(25), server.exited]);
  }
  return false;
}

export function urlOf(port: number, password: string, database = ownName): string {
  return `postgres://${ownName}:${password}@127.0.0.1:${port}/${database}`;
}

async function answers({ port }: Server, password: string): Promise<boolean> {
  const client = new Client({ connectionString: urlOf(port, password, 'postgres'), connectionTimeoutMillis: 2_000 });
  // A connection that breaks after it was made reports here, and would end our process if nobody listened.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [ownName]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${ownName}`);
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Ends it as fast as can be without loss; one that does not comply within 10 s as if it had crashed. */
export async function shutDown(server: Server): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
  ] as const) {
    send(server, signal);
    if (await endsWithin(server, patienceMs)) return;
  }
  await crash(server);
}

/** Ends it as a crash would. */
export async function crash(server: Server): Promise<void> {
  send(server, 'SIGKILL');
  await server.exited;
}

function send(server: Server, signal: NodeJS.Signals): void {
  // Once it is reaped, its process id may belong to somebody else.
  if (!server.hasExited()) process.kill(server.pid, signal);
}

async function endsWithin(server: Server, timeoutMs: number): Promise<boolean> {
  const timer = new AbortController();
  const late = sleep(timeoutMs, false, { signal: timer.signal }).catch(() => false);
  const ended = await Promise.race([server.exited.then(() => true), late]);
  timer.abort();
  return ended;
}

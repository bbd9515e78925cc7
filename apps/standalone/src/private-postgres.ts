import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { findBinaries } from './private-postgres/binaries.ts';
import { openCluster } from './private-postgres/cluster.ts';
import { chooseDataPlace } from './private-postgres/data-place.ts';
import { endOrphan } from './private-postgres/orphan.ts';
import { PrivatePostgresError } from './private-postgres/private-postgres-error.ts';
import { chooseRunAs } from './private-postgres/run-as.ts';
import type { Server, ServerOptions } from './private-postgres/server.ts';
import { becomesReady, crash, launch, shutDown, urlOf } from './private-postgres/server.ts';

export interface PrivatePostgresOptions {
  /** Kept when the server stops. Default: see `persistent`. */
  readonly dataDir?: string | undefined;
  /** Default 0: any that is free. */
  readonly port?: number | undefined;
  /** Without `dataDir`: true keeps the data in the usual place of this user, false (the default) in a folder that `stop` removes. */
  readonly persistent?: boolean | undefined;
  /** Takes each line that Postgres logs. Default: they are dropped, but for what an error needs. */
  readonly onLog?: ((line: string) => void) | undefined;
}

export interface PrivatePostgres {
  /** With the password: not for logs. Names the database `hooklane`; its role is a superuser. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly dataDir: string;
  /** Settles when the server is gone, whether stopped, killed or crashed; never rejects. */
  readonly exited: Promise<void>;
  /** Fast shutdown, within 10 s, then a hard one. May be called after `kill`, and again. */
  stop(): Promise<void>;
  /** What a crash does: SIGKILL. The data stay, also temporary ones, until `stop`. */
  kill(): Promise<void>;
}

const readyWithinMs = 30_000;

/**
 * Starts a durable Postgres of our own on the loopback address, from the programs that npm installed.
 * It outlives us only if we are killed; the next start on the same data ends it then. Signals and exits are the caller's affair.
 * @throws PrivatePostgresError where it cannot run, is in use, or is not ready within 30 s.
 */
export async function startPrivatePostgres(options: PrivatePostgresOptions = {}): Promise<PrivatePostgres> {
  const runAs = await chooseRunAs();
  const binaries = await findBinaries(runAs);
  const { dataDir, release } = await chooseDataPlace(options, runAs);
  try {
    const password = await openCluster({ dataDir, binaries, runAs });
    const onLog = options.onLog ?? (() => {});
    const server = await serve({ dataDir, binaries, runAs, onLog, port: options.port ?? 0 }, password);
    return {
      url: urlOf(server.port, password),
      port: server.port,
      pid: server.pid,
      dataDir,
      exited: server.exited,
      stop: () => shutDown(server).then(release),
      kill: () => crash(server),
    };
  } catch (error) {
    await release();
    throw error;
  }
}

async function serve(options: ServerOptions, password: string): Promise<Server> {
  const deadline = Date.now() + readyWithinMs;
  for (;;) {
    await endOrphan(options.dataDir);
    const port = options.port === 0 ? await freePort() : options.port;
    const server = await launch({ ...options, port });
    if (await becomesReady(server, password, deadline)) return server;
    await shutDown(server);
    if (Date.now() > deadline || !mayPass(server.recentLog(), options.port)) {
      throw new PrivatePostgresError(`Postgres did not start:\n${server.recentLog()}`);
    }
    await sleep(100);
  }
}

/** What a server that is just ending, or somebody who took the free port first, makes Postgres give up for. */
function mayPass(log: string, wantedPort: number): boolean {
  if (/lock file .* already exists|pre-existing shared memory block/.test(log)) return true;
  return wantedPort === 0 && /could not bind/.test(log);
}

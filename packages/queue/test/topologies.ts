import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startChild } from '../../../test/support/child.ts';
import { until } from '../../../test/support/until.ts';

export interface StartedServer extends AsyncDisposable {
  readonly port: number;
}

/** A Redis Cluster of one node that serves all slots. */
export async function startCluster(): Promise<StartedServer> {
  const server = await startServer((port) => [
    ...['--port', String(port), '--save', ''],
    // Alone it would not know its own address, which clients ask it for.
    ...['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
  ]);
  await ask(server.port, async (client) => {
    await client.cluster('ADDSLOTSRANGE', 0, 16_383);
    await until(async () => (await client.cluster('INFO')).includes('cluster_state:ok'), { what: 'the cluster' });
  });
  return server;
}

/** A Sentinel that knows the master on the port by the name `main`. */
export async function startSentinel(masterPort: number): Promise<StartedServer> {
  const dir = await mkdtemp(join(tmpdir(), 'hooklane-sentinel-'));
  const file = join(dir, 'sentinel.conf');
  await writeFile(file, `sentinel monitor main 127.0.0.1 ${masterPort} 1\n`);
  const server = await startServer((port) => [file, '--sentinel', '--port', String(port)]);
  return {
    port: server.port,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function startServer(argsFor: (port: number) => string[]): Promise<StartedServer> {
  const port = await freePort();
  const dir = await mkdtemp(join(tmpdir(), 'hooklane-topology-'));
  const args = [...argsFor(port), '--bind', '127.0.0.1', '--dir', dir];
  const child = startChild({ command: 'redis-server', args, cwd: dir });
  await ask(port, (client) => client.ping());
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      await child.kill('SIGKILL');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function ask<T>(port: number, question: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis({ port, retryStrategy: () => 50, maxRetriesPerRequest: 100 });
  client.on('error', () => {});
  try {
    return await question(client);
  } finally {
    client.disconnect();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

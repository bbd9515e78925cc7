import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrate } from '@hooklane/postgres';
import { Pool } from 'pg';
import { expect, it } from 'vitest';
import type { Child } from '../support/child.ts';
import { endChild, startChild } from '../support/child.ts';
import { startFleet } from '../support/fleet.ts';
import { onBothQueues } from '../support/on-both-queues.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';
import { untilDisposed } from '../support/until-disposed.ts';

/** A disk of its own takes the right to mount: root, and not in every container. */
const mayMount = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
const SCRIPT = fileURLToPath(new URL('../support/small-disk-postgres.ts', import.meta.url));

onBothQueues('the disk of Postgres is full', (redisUrl) => {
  it.skipIf(!mayMount)(
    'producers are told 503, never 202 without a commit; it goes on by itself when there is room',
    async () => {
      await using disk = await startSmallDisk('400m');
      await migrate(disk.url);
      await using fleet = await startFleet({
        databaseUrl: disk.url,
        redisUrl: redisUrl(),
        composition: 'test',
        without: ['reaper'],
        retries: 0,
      });
      await using receiver = await startReceiver();
      await fleet.org.webhooks.create({ url: receiver.url, events: ['*'], ping: false, timeout_ms: 2_000 });
      const statuses = new Set<number>();
      const acknowledged: string[] = [];
      using producers = untilDisposed();
      const payload = { padding: 'x'.repeat(100_000) };
      const producing = Array.from({ length: 4 }, async () => {
        while (!producers.isOver) {
          const answer = await fleet.post('/events', { type: 'a.b', payload });
          statuses.add(answer.status);
          if (answer.status === 202) acknowledged.push(((await answer.json()) as { id: string }).id);
        }
      });

      await until(() => acknowledged.length > 20, { what: 'events to be acknowledged', timeoutMs: 30_000 });
      await disk.fill();
      await until(() => statuses.has(503), { what: 'a refusal', timeoutMs: 30_000 });
      await disk.free();
      const before = acknowledged.length;
      await until(() => acknowledged.length > before + 20, {
        what: 'events to be acknowledged again',
        timeoutMs: 30_000,
      });
      producers.end();
      await Promise.all(producing);

      expect([...statuses].sort()).toEqual([202, 503]);
      const pool = new Pool({ connectionString: disk.url, max: 1 });
      const none = async () => (await pool.query('SELECT FROM delivery_due LIMIT 1')).rowCount === 0;
      await until(none, { what: 'nothing to be due', timeoutMs: 60_000 });
      await pool.end();
      const arrived = new Set(receiver.requests.map(({ headers }) => headers['webhook-id']));
      expect(acknowledged.filter((id) => !arrived.has(id))).toEqual([]);
    },
  );
});

interface SmallDisk extends AsyncDisposable {
  readonly url: string;
  fill(): Promise<void>;
  free(): Promise<void>;
}

async function startSmallDisk(size: string): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'hooklane-disk-'));
  const node = [process.execPath, '--conditions=source', '--import', 'tsx', SCRIPT, folder, size];
  const child = startChild({ command: 'unshare', args: ['--mount', ...node] });
  const [, url = ''] = await child.waitForLine(/^postgres at (.+)$/, 60_000);
  return {
    url,
    fill: () => ask(child, 'SIGUSR2', /^disk is full$/),
    free: () => ask(child, 'SIGHUP', /^disk is free$/),
    async [Symbol.asyncDispose]() {
      await endChild(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function ask(child: Child, signal: NodeJS.Signals, answer: RegExp): Promise<void> {
  process.kill(child.pid, signal);
  await child.waitForLine(answer, 30_000);
}

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@hooklane/standalone';
import { until } from '../support/until.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** How a process differs from its like. */
export interface Twist {
  /** What is run instead of the built app. */
  readonly entry?: string;
  /** Modules for `node --import`. */
  readonly preload?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Member {
  readonly name: string;
  readonly pid: number;
  /** Where it listens: the API itself, or the health of the others. */
  readonly url: string;
  readonly logFile: string;
  /** Where its metrics are. */
  readonly healthUrl: string;
  /** Resolves when it answers. */
  start(twist?: Twist): Promise<void>;
  /** SIGKILL; resolves when it is reaped. */
  kill(): Promise<void>;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** It ended without being told to: each time, with how. */
  readonly ownEnds: readonly string[];
}

export interface MemberOptions {
  readonly name: string;
  readonly app: 'api' | 'worker' | 'reaper';
  readonly env: Readonly<Record<string, string>>;
  readonly logs: string;
  /** Of this process whenever it starts. */
  readonly twist: Twist;
}

/** Patient: how long a start takes is not what a run is about, and others may want the processors too. */
const READY_MS = 180_000;
const RESTART_MS = 300;

/**
 * One of the apps as in production: node on the built file, with no npm between, so that signals reach it. Like under any
 * supervisor it is started again when it ends by itself; but that is held against it.
 */
export async function createMember(options: MemberOptions): Promise<Member> {
  const port = String(await freePort());
  const healthPort = options.app === 'api' ? String(await freePort()) : port;
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(options.logs, `${options.name}.log`);
  const ownEnds: string[] = [];
  let child: ChildProcess | null = null;

  function launch(twist: Twist): void {
    const log = openSync(logFile, 'a', 0o600);
    const preload = [...(options.twist.preload ?? []), ...(twist.preload ?? [])].flatMap((file) => ['--import', file]);
    const entry = options.twist.entry ?? join('apps', options.app, 'dist', 'main.js');
    const started = spawn(process.execPath, [...preload, entry], {
      cwd: root,
      env: {
        PATH: process.env['PATH'],
        ...options.env,
        PORT: port,
        HOOKLANE_HEALTH_PORT: healthPort,
        ...options.twist.env,
        ...twist.env,
      },
      // Its end of the channel breaks when we are gone, however we went; then it ends too.
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    child = started;
    started.once('exit', (code, signal) => {
      if (child !== started) return;
      ownEnds.push(`${options.name} ended by itself (${signal ?? code})`);
      void sleep(RESTART_MS).then(() => child === started && launch(twist));
    });
  }

  return {
    name: options.name,
    url,
    healthUrl: `http://127.0.0.1:${healthPort}`,
    logFile,
    ownEnds,
    get pid() {
      return child?.pid ?? -1;
    },
    async start(twist = {}) {
      launch(twist);
      await until(() => answers(`${url}/healthz`), { what: `${options.name} to answer`, timeoutMs: READY_MS });
    },
    async kill() {
      const ending = child;
      child = null;
      if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
      const exited = once(ending, 'exit');
      ending.kill('SIGKILL');
      await exited;
    },
    signal(name) {
      child?.kill(name);
    },
  };
}

async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    (response) => response.ok,
    () => false,
  );
}

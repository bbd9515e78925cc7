import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { backoffMs, sleep } from '@hooklane/runtime';

export interface SupervisedOptions {
  /** `api`, `worker` or `reaper`. */
  name: string;
  env: NodeJS.ProcessEnv;
  /** Answers 2xx once the process works. */
  readyUrl: string;
  /** A line for the person who watches. */
  tell: (line: string) => void;
}

/** A child process that is started again when it ends by itself. */
export interface Supervised {
  readonly name: string;
  /** Of the child that runs now. */
  readonly pid: number;
  /** Resolves once the present child answers. Rejects when it is not up within `timeoutMs`. */
  ready(timeoutMs: number): Promise<void>;
  /** SIGTERM, and SIGKILL after `graceMs`; resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
}

const RESTART = { base: 100, cap: 5_000 };

export function supervise(options: SupervisedOptions): Supervised {
  const entry = fileURLToPath(new URL('main.js', import.meta.resolve(`@hooklane/${options.name}`)));
  const stopping = new AbortController();
  let crashes = 0;
  let child = launch();

  /** The channel is there to be broken: children end when their parent is gone, however it went. */
  function launch(): ChildProcess {
    const started = spawn(process.execPath, [entry], { env: options.env, stdio: ['ignore', 2, 2, 'ipc'] });
    started.once('exit', (code, signal) => void restart(signal ?? `exit code ${code}`));
    return started;
  }

  async function restart(why: string): Promise<void> {
    if (stopping.signal.aborted) return;
    options.tell(`${options.name} ended (${why}); starting it again`);
    await sleep(backoffMs(++crashes, RESTART), stopping.signal);
    if (!stopping.signal.aborted) child = launch();
  }

  return {
    name: options.name,
    get pid() {
      return child.pid ?? 0;
    },
    ready: (timeoutMs) => answers(options, timeoutMs, stopping.signal),
    async stop(graceMs) {
      stopping.abort();
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

async function answers({ name, readyUrl }: SupervisedOptions, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline && !signal.aborted) {
    const up = await fetch(readyUrl, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (up) return;
    await sleep(50, signal);
  }
  throw new NotReadyError(
    `${name} was not ready within ${timeoutMs / 1_000} s: either this machine is very busy, or its log, which npm start shows, says why`,
  );
}

export class NotReadyError extends Error {
  override readonly name = 'NotReadyError';
}

import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../support/until.ts';

/** A process of the run's own that nothing befalls: the producer, or the receiver. */
export interface Helper<News, Order> {
  /** What it told last; null before the first word. */
  readonly news: News | null;
  order(order: Order): void;
  /** The first news, past or future, that are so. */
  heard(isSo: (news: News) => boolean, timeoutMs: number): Promise<News>;
  /** SIGKILL. */
  end(): void;
}

export interface HelperOptions {
  readonly name: string;
  /** Default: the file beside this one that is called like it. */
  readonly script?: URL;
  /** Where its configuration and its log are written. */
  readonly folder: string;
  readonly config: object;
}

export function startHelper<News, Order extends string | object>(options: HelperOptions): Helper<News, Order> {
  const { name, folder, config, script = new URL(`${name}.ts`, import.meta.url) } = options;
  const configFile = join(folder, `${name}.json`);
  // It holds keys.
  writeFileSync(configFile, JSON.stringify(config), { mode: 0o600 });
  const log = openSync(join(folder, `${name}.log`), 'a', 0o600);
  const child: ChildProcess = fork(fileURLToPath(script), [configFile], {
    execArgv: ['--conditions=source', '--import', 'tsx'],
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    stdio: ['ignore', log, log, 'ipc'],
  });
  let news: News | null = null;
  child.on('message', (message) => {
    // Facts that are told once (a port) stay true.
    news = { ...news, ...(message as News) };
  });
  return {
    get news() {
      return news;
    },
    order: (order) => void child.send(order),
    heard: (isSo, timeoutMs) =>
      until(
        () => {
          if (news !== null && isSo(news)) return { news };
          if (child.exitCode !== null) throw new Error(`the ${name} ended; see ${name}.log`);
          return undefined;
        },
        { what: `news of the ${name}`, timeoutMs },
      ).then((heard) => heard.news),
    end: () => void child.kill('SIGKILL'),
  };
}

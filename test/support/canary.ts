import { freePort } from '@hooklane/standalone';
import type { Fleet } from './fleet.ts';
import type { StartedProcess } from './process.ts';
import { startProcess } from './process.ts';

/** `hooklane canary`, as it runs in production, but every second. */
export interface Canary extends StartedProcess {
  readonly healthUrl: string;
  /** Where workers reach it. */
  readonly url: string;
  /** What it tells of a series now, written as in Prometheus; 0 for one that it does not tell. */
  told(series: string): Promise<number>;
}

/** What a canary of this fleet is started with; the same for each that is to be the same one. */
export async function canaryEnv(fleet: Pick<Fleet, 'url' | 'operatorKey'>): Promise<Record<string, string>> {
  const port = String(await freePort());
  return {
    HOOKLANE_URL: fleet.url,
    HOOKLANE_API_KEY: fleet.operatorKey,
    HOOKLANE_HOST: '127.0.0.1',
    HOOKLANE_HEALTH_PORT: '0',
    HOOKLANE_CANARY_PORT: port,
    HOOKLANE_CANARY_URL: `http://127.0.0.1:${port}/`,
    HOOKLANE_CANARY_INTERVAL: '1s',
  };
}

export async function startCanary(env: Readonly<Record<string, string>>): Promise<Canary> {
  const started = await startProcess({
    entry: 'apps/cli/dist/main.js',
    args: ['canary'],
    env,
    readyLine: /"health_port":(\d+),"msg":"canary\.ready"/,
  });
  const healthUrl = `http://127.0.0.1:${started.ready[1]}`;
  return {
    ...started,
    healthUrl,
    url: env['HOOKLANE_CANARY_URL'] ?? '',
    async told(series) {
      const lines = (await (await fetch(`${healthUrl}/metrics`)).text()).split('\n');
      return Number(lines.find((line) => line.startsWith(`${series} `))?.split(' ')[1] ?? 0);
    },
  };
}

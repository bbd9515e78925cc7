import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, durationMs } from '@hooklane/runtime';
import { workerSettings } from '@hooklane/worker';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { COMPOSE_ONLY, PROCESSES } from './configuration-text.ts';
import { read, root } from './sources.ts';

const text = read('docker-compose.yml');
const { services, volumes, networks } = parse(text, { merge: true }) as Compose;
const ours = ['migrate', 'api', 'worker', 'reaper'];
const staying = Object.keys(services).filter((name) => name !== 'migrate');

describe('docker-compose.yml', () => {
  it('starts everything that production needs', () => {
    expect(Object.keys(services).sort()).toEqual([...ours, 'postgres', 'redis'].sort());
    expect(service('worker').deploy?.replicas).toBeGreaterThanOrEqual(2);
  });

  it.each(ours)('runs %s as nobody in particular, on a disk it cannot write to', (name) => {
    expect(service(name)).toMatchObject({
      user: 'node',
      read_only: true,
      tmpfs: '/tmp',
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      init: true,
    });
  });

  it.each(ours)('runs node itself on what %s is compiled to', (name) => {
    const [program, script = '', ...rest] = service(name).command ?? [];
    expect([program, rest]).toEqual(['node', []]);
    expect(script).toMatch(/^apps\/\w+\/dist\/\w+\.js$/);
    expect(existsSync(join(root, script.replace('/dist/', '/src/').replace(/js$/, 'ts')))).toBe(true);
  });

  it.each(ours)('lets every setting of %s be made in .env, and gives it no other', (name) => {
    const wanted = PROCESSES[name]?.map((setting) => setting.env).toSorted();
    expect(Object.keys(service(name).environment ?? {}).toSorted()).toEqual(wanted);
  });

  it('migrates before anything else works on the database', () => {
    expect(service('migrate')).toMatchObject({
      restart: 'no',
      depends_on: { postgres: { condition: 'service_healthy' } },
    });
    for (const name of ['api', 'worker', 'reaper']) {
      expect(service(name).depends_on).toMatchObject({ migrate: { condition: 'service_completed_successfully' } });
    }
  });

  it.each(staying)('asks %s whether it is alive, and starts it again when it ends', (name) => {
    expect(service(name).healthcheck?.test.length).toBeGreaterThan(1);
    expect(service(name).restart).toBe('unless-stopped');
  });

  it.each([
    ['api', 'PORT'],
    ['worker', 'HOOKLANE_HEALTH_PORT'],
    ['reaper', 'HOOKLANE_HEALTH_PORT'],
  ])('asks %s at the port that %s says', (name, variable) => {
    const probe = service(name).healthcheck?.test.at(-1);
    expect(probe).toContain(`http://127.0.0.1:${service(name).environment?.[variable]}/healthz`);
  });

  it('gives a worker more time to stop than it gives its attempts', () => {
    const grace = durationMs().parse(service('worker').stop_grace_period ?? '');
    const { stopTimeoutMs } = defineConfig({ stopTimeoutMs: workerSettings.stopTimeoutMs }).read({});
    expect(grace).toBeGreaterThanOrEqual(stopTimeoutMs + 10_000);
  });

  it('keeps what Redis holds over a restart, and lets it refuse jobs rather than throw some away', () => {
    const options = service('redis').command ?? [];
    expect(after(options, '--appendonly')).toBe('yes');
    expect(after(options, '--appendfsync')).toBe('everysec');
    expect(after(options, '--maxmemory-policy')).toBe('noeviction');
  });

  it('keeps the data of Postgres and Redis in volumes, out of reach from outside', () => {
    expect(service('postgres').volumes).toEqual(['postgres:/var/lib/postgresql']);
    expect(service('redis').volumes).toEqual(['redis:/data']);
    expect(Object.keys(volumes).sort()).toEqual(['postgres', 'redis']);
    expect(networks['inside']).toEqual({ internal: true });
    for (const name of ['postgres', 'redis', 'reaper', 'migrate']) expect(service(name).networks).toEqual(['inside']);
    expect(Object.keys(services).filter((name) => services[name]?.ports)).toEqual(['api']);
  });

  it('holds no secret, and does not start without one', () => {
    const secrets = new Set(
      Object.values(PROCESSES)
        .flat()
        .flatMap(({ env, secret }) => (secret ? [env] : [])),
    );
    const isSecret = (name: string) => secrets.has(name) || /PASSWORD|AUTH/.test(name);
    const values = Object.values(services).flatMap(({ environment = {}, command = [] }) => [
      ...Object.entries(environment).flatMap(([name, value]) => (isSecret(name) && value !== null ? [value] : [])),
      ...(command.includes('--requirepass') ? [after(command, '--requirepass')] : []),
    ]);
    expect(values.length).toBeGreaterThan(5);
    for (const value of values) expect(value).toMatch(/\$\{[A-Z_]+:\?[^}]+\}/);
  });

  it('asks .env only for what .env.example has', () => {
    const asked = [...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name ?? '');
    const known = new Set([...Object.values(PROCESSES).flat(), ...COMPOSE_ONLY].map((one) => one.env));
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });
});

function service(name: string): Service {
  const found = services[name];
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
}

function after(options: readonly string[], name: string): string | undefined {
  return options[options.indexOf(name) + 1];
}

interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
  networks: Record<string, unknown>;
}

interface Service {
  command?: string[];
  environment?: Record<string, string | null>;
  healthcheck?: { test: string[] };
  depends_on?: Record<string, unknown>;
  deploy?: { replicas: number };
  restart?: string;
  stop_grace_period?: string;
  volumes?: string[];
  networks?: string[];
  ports?: string[];
}

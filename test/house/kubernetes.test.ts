import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { durationMs } from '@hooklane/runtime';
import { workerSettings } from '@hooklane/worker';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { allVariables, PROCESSES } from './configuration-text.ts';
import { read, root } from './sources.ts';

const load = createRequire(import.meta.url);
const FOLDER = 'docs/operations/kubernetes';
const files = readdirSync(join(root, FOLDER)).filter((name) => name.endsWith('.yaml'));
const manifests = files
  .filter((name) => name !== 'kustomization.yaml')
  .flatMap((name) =>
    parseAllDocuments(read(`${FOLDER}/${name}`)).map((one) => ({ file: name, ...(one.toJS() as Manifest) })),
  );
const pods = manifests.flatMap(({ kind, metadata, spec }) =>
  spec?.template === undefined ? [] : [{ kind, name: metadata.name, pod: spec.template.spec }],
);
const running = pods.filter(({ kind }) => kind === 'Deployment');

describe.each(manifests)('$kind $metadata.name', ({ file: _, ...manifest }) => {
  it('is what Kubernetes takes', () => {
    const models = load(`kubernetes-models/${manifest.apiVersion}/${manifest.kind}`);
    new models[manifest.kind](manifest).validate();
  });
});

describe('the manifests', () => {
  const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

  it.runIf(hasKubectl)('are put together by kustomize, in one namespace, with the image of the registry', () => {
    const { stdout, stderr } = spawnSync('kubectl', ['kustomize', FOLDER], { cwd: root, encoding: 'utf8' });
    expect(stderr).toBe('');
    const built = parseAllDocuments(stdout).map((one) => one.toJS() as Manifest);
    expect(built).toHaveLength(manifests.filter(({ file }) => file !== 'secret.example.yaml').length);
    expect([...stdout.matchAll(/image: (\S+)/g)].map(([, image]) => image)).toEqual(
      pods.map(() => 'registry.example.com/hooklane:0.1.0'),
    );
    for (const { kind, metadata } of built) if (kind !== 'Namespace') expect(metadata.namespace).toBe('hooklane');
  });

  it('are all applied, but for the example of a secret', () => {
    const { resources } = parse(read(`${FOLDER}/kustomization.yaml`)) as { resources: string[] };
    const applied = files.filter((name) => !['kustomization.yaml', 'secret.example.yaml'].includes(name));
    expect(resources.toSorted()).toEqual(applied.toSorted());
  });

  it('run what there is to run, each as nobody, on a disk it cannot write to', () => {
    expect(pods.map(({ name }) => name).toSorted()).toEqual(
      ['api', 'canary', 'migrate', 'reaper', 'worker'].map((name) => `hooklane-${name}`),
    );
    for (const { pod } of pods) {
      const [{ command, securityContext }] = pod.containers;
      expect(existsSync(join(root, command[1].replace('/dist/', '/src/').replace(/js$/, 'ts')))).toBe(true);
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  it('keep variables away that Kubernetes makes of names of services, since no process knows them', () => {
    for (const { pod } of pods) expect(pod.enableServiceLinks).toBe(false);
  });

  it('give each process what it requires, and no variable that nobody knows', () => {
    const known = new Set(allVariables().map(({ env }) => env));
    const settings = manifests.find(({ kind }) => kind === 'ConfigMap')?.data ?? {};
    expect(Object.keys(settings).filter((name) => !known.has(name))).toEqual([]);
    for (const { name, pod } of pods) {
      const given = pod.containers[0].env.map((one) => one.name);
      const required = PROCESSES[name.replace('hooklane-', '')]?.filter((one) => one.required) ?? [];
      expect(given.filter((one) => !known.has(one))).toEqual([]);
      expect(given).toEqual(expect.arrayContaining(required.map(({ env }) => env)));
    }
  });

  it('take secrets from the secret, which the example lists', () => {
    const example = manifests.find(({ kind }) => kind === 'Secret')?.stringData ?? {};
    const used = pods.flatMap(({ pod }) =>
      pod.containers[0].env.map(({ name, valueFrom }) => [name, valueFrom.secretKeyRef]),
    );
    for (const [name, from] of used) expect(from).toEqual({ name: 'hooklane', key: name });
    expect(Object.keys(example).toSorted()).toEqual([...new Set(used.map(([name]) => name))].toSorted());
  });

  it('ask for life and readiness where they are told, and leave time to stop', () => {
    const stop = workerSettings.stopTimeoutMs;
    for (const { pod } of running) {
      const [{ livenessProbe, readinessProbe, startupProbe, ports }] = pod.containers;
      expect([startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet.path)).toEqual([
        '/healthz',
        '/healthz',
        '/readyz',
      ]);
      const names = ports.map(({ name }) => name);
      expect(names).toContain(livenessProbe.httpGet.port);
      expect(ports).toContainEqual({ name: 'health', containerPort: 8081 });
    }
    const worker = running.find(({ name }) => name === 'hooklane-worker');
    expect(1000 * (worker?.pod.terminationGracePeriodSeconds ?? 0)).toBeGreaterThan(durationMs().parse(stop.default));
  });

  it('leave no moment without an API, nor a node drain with none', () => {
    const deployment = manifests.find(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'hooklane-api',
    );
    expect(deployment?.spec?.strategy?.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(manifests.filter(({ kind }) => kind === 'PodDisruptionBudget')).toHaveLength(2);
  });

  it('grow with the age of the oldest due delivery', () => {
    const scaler = manifests.find(({ kind }) => kind === 'HorizontalPodAutoscaler');
    expect(scaler?.spec?.metrics?.[0]?.external.metric.name).toBe('hooklane_oldest_due_age_seconds');
  });
});

interface Probe {
  httpGet: { path: string; port: string };
}

interface Pod {
  enableServiceLinks: boolean;
  terminationGracePeriodSeconds: number;
  securityContext: unknown;
  containers: [
    {
      command: [string, string];
      securityContext: unknown;
      env: Array<{ name: string; valueFrom: { secretKeyRef: unknown } }>;
      ports: Array<{ name: string; containerPort: number }>;
      startupProbe: Probe;
      livenessProbe: Probe;
      readinessProbe: Probe;
    },
  ];
}

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  data?: Record<string, string>;
  stringData?: Record<string, string>;
  spec?: {
    template?: { spec: Pod };
    strategy?: { rollingUpdate: unknown };
    metrics?: Array<{ external: { metric: { name: string } } }>;
  };
}

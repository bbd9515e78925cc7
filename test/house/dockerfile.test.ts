import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { read, root, workspaceMembers } from './sources.ts';

const instructions = read('Dockerfile')
  .replaceAll(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.trim().split(/\s+/));

const stages = instructions.filter(([word]) => word === 'FROM').map((words) => words[words.indexOf('AS') + 1] ?? '');
const copies = instructions.filter(([word]) => word === 'COPY').map((words) => words.slice(1));

describe('the Dockerfile', () => {
  it('has nothing that a linter of Dockerfiles warns of', () => {
    expect(validate(read('Dockerfile'))).toEqual([]);
    expect(validate('FROM node\nMAINTAINER me\nCOPY a b c\n')).toHaveLength(2);
  });

  it('copies only what is there', () => {
    const sources = copies.filter(([first]) => !first?.startsWith('--from=')).flatMap((words) => words.slice(0, -1));
    expect(sources.length).toBeGreaterThan(10);
    expect(sources.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('copies only from its own stages', () => {
    const from = copies.flatMap(([first = '']) => (first.startsWith('--from=') ? [first.slice(7)] : []));
    expect(from.filter((stage) => !stages.includes(stage))).toEqual([]);
  });

  it('installs by the package.json of every package of the workspace', () => {
    const copied = copies.flat();
    const missing = workspaceMembers().filter(({ folder }) => !copied.includes(`${folder}/package.json`));
    expect(missing).toEqual([]);
  });

  it('uses the pnpm that package.json names', () => {
    const { packageManager } = JSON.parse(read('package.json')) as { packageManager: string };
    expect(instructions.flat()).toContain(packageManager);
  });

  it('puts the migrations where the code looks for them', () => {
    const place = /new URL\('([^']+)', import\.meta\.url\)/.exec(read('packages/postgres/src/migrate.ts'))?.[1] ?? '';
    expect(new URL(place, 'file:///app/packages/postgres/dist/migrate.js').pathname).toBe('/app/migrations');
    expect(instructions).toContainEqual(['WORKDIR', '/app']);
    expect(copies).toContainEqual(['migrations', 'migrations']);
  });

  it('ends with node itself, run by nobody in particular', () => {
    expect(instructions).toContainEqual(['USER', '1000']);
    const [word, ...command] = instructions.at(-1) ?? [];
    expect(word).toBe('CMD');
    expect(JSON.parse(command.join(' '))).toEqual(['node', 'apps/api/dist/main.js']);
    expect(instructions.some(([first]) => first === 'ENTRYPOINT')).toBe(false);
  });
});

describe('.dockerignore', () => {
  const rules = read('.dockerignore').split('\n');

  it('keeps out everything that is not asked for, secrets and what was made on this machine', () => {
    const allowed = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));
    const copied = copies.filter(([first]) => !first?.startsWith('--from=')).flatMap((words) => words.slice(0, -1));
    expect(rules.find((rule) => !rule.startsWith('#'))).toBe('*');
    expect(allowed.toSorted()).toEqual([...new Set(copied.map(topOf))].toSorted());
    expect(rules).toEqual(expect.arrayContaining(['**/node_modules', '**/dist', '**/*.tsbuildinfo', '**/.env*']));
  });
});

function topOf(path: string): string {
  return path.split('/')[0] ?? '';
}

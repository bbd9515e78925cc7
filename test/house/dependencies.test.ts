import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Member } from './sources.ts';
import { importsOf, pathsBelow, read, SCOPE, workspaceMembers } from './sources.ts';

const ADAPTERS = ['postgres', 'queue', 'schemas', 'sender'];

/** domain ← engine ← adapters ← apps; runtime and client are leaves. Whom each may know: */
const MAY_KNOW: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  runtime: [],
  client: [],
  engine: ['domain'],
  postgres: ['domain', 'engine', 'runtime'],
  queue: ['domain', 'engine', 'runtime'],
  schemas: ['domain', 'engine', 'runtime'],
  sender: ['domain', 'engine', 'runtime'],
  api: ['domain', 'engine', ...ADAPTERS, 'runtime'],
  worker: ['domain', 'engine', ...ADAPTERS, 'runtime'],
  reaper: ['domain', 'engine', ...ADAPTERS, 'runtime'],
  cli: ['api', 'worker', 'reaper', 'postgres', 'queue', 'runtime', 'client'],
  standalone: ['api', 'worker', 'reaper', 'postgres', 'runtime', 'client'],
};

const members = workspaceMembers();
const sourcesOf = (member: Member) => pathsBelow(member.folder).files.filter((path) => path.endsWith('.ts'));

describe('the packages', () => {
  it('are all known to these rules', () => {
    expect(members.map((member) => member.name).sort()).toEqual(Object.keys(MAY_KNOW).sort());
  });

  it('depend only in the direction domain ← engine ← adapters ← apps', () => {
    const wrong = members.flatMap((member) =>
      [...member.dependencies, ...member.devDependencies]
        .filter((name) => isForbidden(member, name))
        .map((name) => `${member.folder}/package.json: ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('import only in that direction, and never by a path into another package', () => {
    const wrong = members.flatMap((member) =>
      sourcesOf(member).flatMap((path) =>
        importsOf(read(path))
          .filter((name) => isForbidden(member, name) || leavesPackage(member, path, name))
          .map((name) => `${path}: ${name}`),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('have the references for tsc that their dependencies ask for, no more and no fewer', () => {
    const referred = members.map(({ name, references }) => [name, references.toSorted()]);
    const wanted = members.map(({ name, dependencies }) => [name, dependencies.filter(isOurs).map(bare).toSorted()]);
    expect(Object.fromEntries(referred)).toEqual(Object.fromEntries(wanted));
  });

  it('are all built by tsc -b at the root', () => {
    const { references } = JSON.parse(read('tsconfig.json')) as { references: { path: string }[] };
    const wanted = [...members.map((member) => member.folder), 'test'];
    expect(references.map(({ path }) => path).toSorted()).toEqual(wanted.toSorted());
  });
});

describe('BullMQ', () => {
  it('is known to packages/queue alone', () => {
    const knowing = members.filter(
      (member) =>
        [...member.dependencies, ...member.devDependencies].includes('bullmq') ||
        sourcesOf(member).some((path) => importsOf(read(path)).includes('bullmq')),
    );
    expect(knowing.map((member) => member.folder)).toEqual(['packages/queue']);
  });
});

describe('the way to strangers', () => {
  // A second client would be a second way around the guard: what most forgeries of requests went through elsewhere.
  const ours = members.filter(({ name }) => !['sender', 'client', 'standalone'].includes(name));

  it('leads through the sender alone: nobody else has a client for HTTP', () => {
    const clients =
      /\bfetch\(|\b(?:request|get|connect|createConnection)\b[^}]*\} from 'node:(?:https?|http2|net|tls)'/g;
    const found = ours.flatMap((member) =>
      sourcesOf(member)
        .filter((path) => path.includes('/src/') && !path.endsWith('.test.ts'))
        .flatMap((path) => {
          const text = withoutComments(read(path));
          const packages = importsOf(text).filter((name) => ['undici', 'got', 'axios'].includes(name));
          return [...packages, ...(text.match(clients) ?? [])].map((what) => `${path}: ${what}`);
        }),
    );
    expect(found).toEqual([]);
  });

  it('is built by the worker alone', () => {
    const building = members.filter((member) =>
      sourcesOf(member).some((path) => path.includes('/src/') && /\bcreateSender\(/.test(read(path))),
    );
    expect(building.map(({ name }) => name).toSorted()).toEqual(['sender', 'worker']);
  });
});

describe('the domain', () => {
  const files = pathsBelow('packages/domain/src').files.filter((path) => !path.endsWith('.test.ts'));

  it('has no clock, no randomness and nothing asynchronous', () => {
    const impure = /\b(?:async|await|Promise|Date\.now|new Date|Math\.random|performance\.now|setTimeout)\b/g;
    const found = files.flatMap((path) =>
      [...withoutComments(read(path)).matchAll(impure)].map(([word]) => `${path}: ${word}`),
    );
    expect(found).toEqual([]);
  });

  it('imports nothing but itself, and of Node only what hashes, signs, compares and reads certificates', () => {
    const found = files.flatMap((path) =>
      importsOf(read(path))
        .filter((name) => !/^\.\.?\//.test(name) && !(name === 'node:crypto' && hashesOnly(read(path))))
        .map((name) => `${path}: ${name}`),
    );
    expect(found).toEqual([]);
  });
});

function isForbidden(member: Member, name: string): boolean {
  return isOurs(name) && bare(name) !== member.name && !MAY_KNOW[member.name]?.includes(bare(name));
}

/** Tests may use what `test/` keeps for all; nothing else has business outside its own folder. */
function leavesPackage(member: Member, path: string, name: string): boolean {
  if (!name.startsWith('.')) return false;
  const target = join(dirname(path), name);
  const isTest = path.endsWith('.test.ts') || path.startsWith(`${member.folder}/test/`);
  return !target.startsWith(`${member.folder}/`) && !(isTest && target.startsWith('test/'));
}

function isOurs(name: string): boolean {
  return name.startsWith(SCOPE);
}

/** `@hooklane/client/verify` → `client` */
function bare(name: string): string {
  return name.slice(SCOPE.length).split('/')[0] ?? '';
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}

const HASHING = new Set([
  'createHash',
  'createHmac',
  'createPrivateKey',
  'createPublicKey',
  'sign',
  'timingSafeEqual',
  'X509Certificate',
]);

function hashesOnly(text: string): boolean {
  const [, names = ''] = /import \{([^}]*)\} from 'node:crypto'/.exec(text) ?? [];
  const imported = names.split(',').map((name) => name.trim());
  return imported.every((name) => HASHING.has(name));
}

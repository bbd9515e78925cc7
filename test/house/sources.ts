import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

const NOT_OURS = new Set(['node_modules', 'dist', '.git', 'coverage']);

/** Paths below a folder of the repository, relative to its root, whether git knows them yet or not. */
export function pathsBelow(folder: string): { files: string[]; folders: string[] } {
  const found = { files: [] as string[], folders: [] as string[] };
  if (existsSync(join(root, folder))) walk(join(root, folder), found);
  return found;
}

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** One package of the workspace: what its package.json and its tsconfig say. */
export interface Member {
  /** Without the scope: `domain`, `api`. */
  name: string;
  /** `packages/domain` */
  folder: string;
  dependencies: string[];
  devDependencies: string[];
  /** Names of the packages that its tsconfig refers to. */
  references: string[];
}

export function workspaceMembers(): Member[] {
  return ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(root, parent))
      .map((name) => `${parent}/${name}`)
      .filter((folder) => existsSync(join(root, folder, 'package.json')))
      .map(toMember),
  );
}

/** What a TypeScript text imports, re-exports or imports on demand. */
export function importsOf(text: string): string[] {
  const pattern = /\bfrom\s+'([^']+)'|\bimport\s*\(\s*'([^']+)'|^\s*import\s+'([^']+)'/gm;
  return [...text.matchAll(pattern)].map(([, from, onDemand, bare]) => from ?? onDemand ?? bare ?? '');
}

function walk(folder: string, found: { files: string[]; folders: string[] }): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (NOT_OURS.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isFile()) found.files.push(relative(root, path));
    if (!entry.isDirectory()) continue;
    found.folders.push(relative(root, path));
    walk(path, found);
  }
}

function toMember(folder: string): Member {
  const { name, dependencies, devDependencies } = JSON.parse(read(`${folder}/package.json`)) as Manifest;
  const { references = [] } = JSON.parse(read(`${folder}/tsconfig.json`)) as TypeScriptProject;
  return {
    name: name.replace(SCOPE, ''),
    folder,
    dependencies: Object.keys(dependencies ?? {}),
    devDependencies: Object.keys(devDependencies ?? {}),
    references: references.map(({ path }) => path.split('/').at(-1) ?? ''),
  };
}

export const SCOPE = '@hooklane/';

interface Manifest {
  name: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

interface TypeScriptProject {
  references?: { path: string }[];
}

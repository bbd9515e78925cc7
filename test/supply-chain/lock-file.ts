import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export const root = fileURLToPath(new URL('../../', import.meta.url));

interface Resolved {
  version: string;
}

interface Snapshot {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** What is read of pnpm-lock.yaml, version 9. */
export interface LockFile {
  importers: Record<
    string,
    { dependencies?: Record<string, Resolved>; optionalDependencies?: Record<string, Resolved> }
  >;
  packages: Record<string, { resolution: { integrity?: string } }>;
  snapshots: Record<string, Snapshot>;
}

/** A package from the registry. */
export interface Package {
  name: string;
  version: string;
  /** Null: it does not come from the registry, which `blockExoticSubdeps` does not let happen. */
  integrity: string | null;
  /** Named by one of our own packages. */
  isDirect: boolean;
}

/** What is deployed: the three processes and the command line. */
export const DEPLOYED = ['apps/api', 'apps/worker', 'apps/reaper', 'apps/cli'];

export function readLockFile(): LockFile {
  return parse(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')) as LockFile;
}

/** All that these of our packages bring along when they run, sorted by name. */
export function runtimePackages(lock: LockFile, importers: readonly string[]): Package[] {
  const found = new Map<string, Package>();
  const seen = new Set<string>();

  function visitOurs(path: string): void {
    if (seen.has(path)) return;
    seen.add(path);
    const { dependencies = {}, optionalDependencies = {} } = lock.importers[path] ?? {};
    for (const [name, { version }] of Object.entries({ ...dependencies, ...optionalDependencies })) {
      if (version.startsWith('link:')) visitOurs(join(path, version.slice('link:'.length)));
      else visit(keyOf(name, version), true);
    }
  }

  function visit(key: string, isDirect: boolean): void {
    const one = packageOf(lock, key, isDirect);
    const id = `${one.name}@${one.version}`;
    const known = found.get(id);
    if (known !== undefined) known.isDirect ||= isDirect;
    else found.set(id, one);
    if (seen.has(key)) return;
    seen.add(key);
    const { dependencies = {}, optionalDependencies = {} } = lock.snapshots[key] ?? {};
    for (const [name, version] of Object.entries({ ...dependencies, ...optionalDependencies })) {
      visit(keyOf(name, version), false);
    }
  }

  for (const path of importers) visitOurs(path);
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** A version that is a whole key stands for a package under another name. */
function keyOf(name: string, version: string): string {
  return version.lastIndexOf('@') > 0 && !version.includes('(') ? version : `${name}@${version}`;
}

function packageOf(lock: LockFile, key: string, isDirect: boolean): Package {
  const plain = key.split('(')[0] ?? key;
  const at = plain.lastIndexOf('@');
  const integrity = lock.packages[plain]?.resolution.integrity ?? null;
  return { name: plain.slice(0, at), version: plain.slice(at + 1), integrity, isDirect };
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lock-file.ts';

export interface Manifest {
  name: string;
  version: string;
  license?: string;
  scripts?: Record<string, string>;
}

/** What is installed here, by `name@version`. Packages for other machines are not. */
export function installedManifests(): ReadonlyMap<string, Manifest> {
  const store = join(root, 'node_modules', '.pnpm');
  const all = readdirSync(store).flatMap((entry) => manifestsIn(join(store, entry, 'node_modules')));
  return new Map(all.map((manifest) => [`${manifest.name}@${manifest.version}`, manifest]));
}

function manifestsIn(folder: string): Manifest[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.name.startsWith('@')
      ? readdirSync(join(folder, entry.name)).map((name) => join(entry.name, name))
      : [entry.name],
  );
  return names.flatMap((name) => {
    const file = join(folder, name, 'package.json');
    return existsSync(file) ? [JSON.parse(readFileSync(file, 'utf8')) as Manifest] : [];
  });
}

/** They run on the machine of whoever installs. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'];

export function hasInstallScript({ scripts = {} }: Manifest): boolean {
  return INSTALL_SCRIPTS.some((name) => scripts[name] !== undefined);
}

import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import { build } from 'esbuild';
import { NEXT_VERSION } from '../composition/next-version.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
// Below the root, where what is left out of the bundle is found, and as deep as a source: from there the migrations are.
const CACHE = join(ROOT, 'node_modules', '.cache');

/** `test`: the processes of test/composition. `next`: those of production, as the next version has them. */
export type Bundle = 'test' | 'next';

const building = new Map<Bundle, Promise<void>>();

/**
 * Each process as one file: it starts in a quarter of the time of the sources, and tests that kill processes start
 * hundreds. Made once per test file; returns where the one asked for is.
 */
export async function bundled(which: Bundle, name: string): Promise<string> {
  const folder = join(CACHE, `hooklane-${which}-${process.pid}`);
  const made = building.get(which) ?? bundle(which, folder);
  building.set(which, made);
  await made;
  return join(folder, `${name}.mjs`);
}

const PROCESSES = ['api', 'worker', 'reaper'];

async function bundle(which: Bundle, folder: string): Promise<void> {
  const entryOf = (name: string) => (which === 'test' ? ['test', 'composition', name] : ['apps', name, 'src', 'main']);
  const entryPoints = PROCESSES.map((name) => ({ in: `${join(ROOT, ...entryOf(name))}.ts`, out: name }));
  await Promise.all([bundleProcesses(entryPoints, folder, which), bundleSchemaThread(folder)]);
}

async function bundleProcesses(
  entryPoints: { in: string; out: string }[],
  folder: string,
  which: Bundle,
): Promise<void> {
  await build({
    entryPoints,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['source'],
    // Does not bear it: its ES module wraps CommonJS that loads itself lazily.
    external: ['pg', 'pg-native'],
    banner: { js: COMMON_JS },
    plugins: which === 'next' ? [asNextVersion] : [],
    logLevel: 'error',
  });
}

/** The thread that checks JSON Schemas is a file beside whoever starts it; without it every schema takes too long. */
async function bundleSchemaThread(folder: string): Promise<void> {
  await build({
    entryPoints: [join(ROOT, 'packages', 'schemas', 'src', 'worker.ts')],
    outfile: join(folder, 'worker.js'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    conditions: ['source'],
    logLevel: 'error',
  });
}

/** Sources with their edits. One that has lost what is edited would be this version, and show nothing. */
const asNextVersion: Plugin = {
  name: 'next-version',
  setup(builder) {
    builder.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
      const edits = NEXT_VERSION.filter(({ file }) => file === relative(ROOT, path));
      if (edits.length === 0) return undefined;
      let contents = await readFile(path, 'utf8');
      for (const { file, from, to } of edits) {
        if (!contents.includes(from)) throw new Error(`${file} does not have ${from}`);
        contents = contents.replace(from, () => to);
      }
      return { contents, loader: 'ts' };
    });
  },
};

/** What CommonJS packages within an ES module expect to find. */
const COMMON_JS = [
  "import { createRequire as ownRequire } from 'node:module';",
  "import { fileURLToPath as ownPath } from 'node:url';",
  "import { dirname as ownFolder } from 'node:path';",
  'const require = ownRequire(import.meta.url);',
  'const __filename = ownPath(import.meta.url);',
  'const __dirname = ownFolder(__filename);',
].join('\n');

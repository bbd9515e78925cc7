import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
// Below the root, where what is left out of the bundle is found, and as deep as a source: from there the migrations are.
const FOLDER = join(ROOT, 'node_modules', '.cache', `hooklane-compositions-${process.pid}`);

let building: Promise<void> | null = null;

/**
 * The processes of test/composition, each as one file: it starts in a quarter of the time of the sources, and tests that
 * kill processes start hundreds. Made once per test file; returns where the one asked for is.
 */
export async function bundledComposition(name: string): Promise<string> {
  building ??= bundle();
  await building;
  return join(FOLDER, `${name}.mjs`);
}

async function bundle(): Promise<void> {
  await Promise.all([bundleProcesses(), bundleSchemaThread()]);
}

async function bundleProcesses(): Promise<void> {
  await build({
    entryPoints: ['api', 'worker', 'reaper'].map((name) => join(ROOT, 'test', 'composition', `${name}.ts`)),
    outdir: FOLDER,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['source'],
    // Does not bear it: its ES module wraps CommonJS that loads itself lazily.
    external: ['pg', 'pg-native'],
    banner: { js: COMMON_JS },
    logLevel: 'error',
  });
}

/** The thread that checks JSON Schemas is a file beside whoever starts it; without it every schema takes too long. */
async function bundleSchemaThread(): Promise<void> {
  await build({
    entryPoints: [join(ROOT, 'packages', 'schemas', 'src', 'worker.ts')],
    outfile: join(FOLDER, 'worker.js'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    conditions: ['source'],
    logLevel: 'error',
  });
}

/** What CommonJS packages within an ES module expect to find. */
const COMMON_JS = [
  "import { createRequire as ownRequire } from 'node:module';",
  "import { fileURLToPath as ownPath } from 'node:url';",
  "import { dirname as ownFolder } from 'node:path';",
  'const require = ownRequire(import.meta.url);',
  'const __filename = ownPath(import.meta.url);',
  'const __dirname = ownFolder(__filename);',
].join('\n');

#!/usr/bin/env node
// `npm run hooklane -- …`. Plain JavaScript: in a fresh clone it installs and builds first.
import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/main.js', import.meta.url);
if (!existsSync(fileURLToPath(built))) {
  const { build, install, SetupError } = await import('../../standalone/setup.mjs');
  try {
    // Standard output belongs to the command.
    await install(console.error);
    await build(console.error, 'apps/cli');
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
await import(built.href);

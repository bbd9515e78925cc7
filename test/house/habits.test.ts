import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pathsBelow, read } from './sources.ts';

const OURS = ['packages', 'apps', 'test', 'migrations'];
const files = OURS.flatMap((folder) => pathsBelow(folder).files);
const folders = OURS.flatMap((folder) => [folder, ...pathsBelow(folder).folders]);

describe('the repository', () => {
  it('has no folder where things go that nobody could name', () => {
    const nameless = new Set(['utils', 'util', 'common', 'shared', 'core', 'helpers', 'misc', 'lib']);
    expect(folders.filter((folder) => nameless.has(basename(folder)))).toEqual([]);
  });

  it('silences neither the linter nor the compiler', () => {
    // Put together, so that this file does not report itself.
    const silencers = new RegExp(['biome', 'ignore'].join('-').concat('|@', 'ts-(?:ignore|expect-error|nocheck)'));
    const sources = [...files.filter((path) => /\.(?:[cm]?[jt]s|jsonc?)$/.test(path)), 'vitest.config.ts'];
    expect(sources.filter((path) => silencers.test(read(path)))).toEqual([]);
  });
});

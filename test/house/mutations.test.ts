import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ofProcesses } from '../faults/mutations/of-processes.ts';
import { ofStores } from '../faults/mutations/of-stores.ts';
import { read } from './sources.ts';

const MUTATIONS = [...ofProcesses, ...ofStores];

it('what a mutation takes out of the sources is there', () => {
  const gone = MUTATIONS.flatMap(({ name, edits }) =>
    edits.filter(({ file, from }) => !read(file).includes(from)).map(({ file }) => `${name}: ${file}`),
  );
  expect(gone).toEqual([]);
});

it('the table of mutations names each of them, and each is about a test that is there', () => {
  const table = read('test/faults/README.md');
  expect(MUTATIONS.filter(({ name }) => !table.includes(`\`${name}\``)).map(({ name }) => name)).toEqual([]);
  expect(MUTATIONS.filter(({ test }) => !existsSync(`test/faults/${test}.test.ts`)).map(({ test }) => test)).toEqual(
    [],
  );
});

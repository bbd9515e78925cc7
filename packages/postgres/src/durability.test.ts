import { expect, test } from 'vitest';
import { settingProblems } from './durability.ts';

const SAFE = { version: 150_004, fsync: 'on', full_page_writes: 'on', autovacuum: 'on', synchronous_commit: 'on' };

test('a Postgres with its defaults is fine', () => {
  expect(settingProblems(SAFE)).toEqual([]);
});

test.each([
  [{ version: 130_009 }, 'Postgres is older than version 14'],
  [{ fsync: 'off' }, 'fsync is off: a crash of the machine loses acknowledged events'],
  [{ full_page_writes: 'off' }, 'full_page_writes is off: a crash of the machine can corrupt the tables'],
  [{ synchronous_commit: 'off' }, 'synchronous_commit is off: a crash of Postgres loses acknowledged events'],
])('with %j acknowledged events are not safe', (changed, problem) => {
  expect(settingProblems({ ...SAFE, ...changed })).toEqual([problem]);
});

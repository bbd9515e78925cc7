import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CRASH_POINTS } from '../composition/crash-points.ts';

const DOCUMENT = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'reliability.md'), 'utf8');
const PROCESSES = [...new Set(CRASH_POINTS.map(({ process }) => process))];

describe.each(PROCESSES)('docs/reliability.md on the crash points of the process %s', (process) => {
  it('names the calls that have one, and no others', () => {
    const [, row = ''] = new RegExp(`^\\| ${process} \\| (.*) \\|$`, 'm').exec(DOCUMENT) ?? [];
    const told = [...row.matchAll(/`(.+?)`/g)].map(([, call]) => `${process}.${call}`);
    const calls = new Set(CRASH_POINTS.filter((point) => point.process === process).map(({ call }) => call));
    expect(told.toSorted()).toEqual([...calls].toSorted());
  });
});

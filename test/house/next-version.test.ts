import { expect, it } from 'vitest';
import { NEXT_VERSION } from '../composition/next-version.ts';
import { read } from './sources.ts';

it('what the next version has otherwise is in the sources once', () => {
  const found = NEXT_VERSION.map(({ file, from }) => [file, from, read(file).split(from).length - 1]);
  expect(found).toEqual(NEXT_VERSION.map(({ file, from }) => [file, from, 1]));
});

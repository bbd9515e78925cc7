import { ALL_NAMES } from '@hooklane/runtime';
import { describe, expect, it } from 'vitest';
import { allVariables, configurationTable, envExample, PROCESSES } from './configuration-text.ts';
import { read } from './sources.ts';

// To rewrite both files: npx vitest run --project unit test/house/configuration.test.ts -u

describe('the configuration', () => {
  it('is in the README as the processes read it', async () => {
    const readme = read('README.md');
    const [before, after] = [readme.indexOf(BEGIN), readme.indexOf(END)];
    expect(before).toBeGreaterThan(-1);
    expect(after).toBeGreaterThan(before);
    const wanted = `${readme.slice(0, before)}${BEGIN}\n\n${configurationTable()}\n\n${readme.slice(after)}`;
    await expect(wanted).toMatchFileSnapshot('../../README.md');
  });

  it('is in .env.example as the processes read it, with no secret filled in', async () => {
    // Were it missing, the comparison would quietly write it.
    expect(read('.env.example')).not.toBe('');
    await expect(envExample()).toMatchFileSnapshot('../../.env.example');
    const filled = allVariables().filter(({ secret, default: text }) => secret && text !== undefined);
    expect(filled).toEqual([]);
  });

  it('has the defaults that docs/concepts.md states', () => {
    const stated = [...read('docs/concepts.md').matchAll(/^\|[^|]*\|[^|`]*`([^`]+)`[^|]*\| `(HOOKLANE_\w+)` \|$/gm)];
    const wrong = stated.filter(([, text, name]) => allVariables().find(({ env }) => env === name)?.default !== text);
    expect(stated.length).toBeGreaterThan(8);
    expect(wrong.map(([row]) => row)).toEqual([]);
  });

  it('means the same by one name in every process', () => {
    const meanings = new Set(
      Object.values(PROCESSES).flatMap((settings) => settings.map((one) => JSON.stringify(one))),
    );
    expect(meanings.size).toBe(allVariables().length);
  });

  it('is known by name to every process, so that none takes the variable of another for a misspelling', () => {
    const names = allVariables().map(({ env }) => env);
    expect(ALL_NAMES.toSorted()).toEqual(names.filter((name) => name.startsWith('HOOKLANE_')).toSorted());
  });
});

const BEGIN = '<!-- configuration: written by test/house/configuration.test.ts -->';
const END = '<!-- /configuration -->';

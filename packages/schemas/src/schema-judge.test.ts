import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { asId } from '@hooklane/domain';
import type { JsonSchema } from '@hooklane/engine';
import { OverloadedError } from '@hooklane/runtime';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClosableSchemaJudge, SchemaJudgeOptions } from './schema-judge.ts';
import { createSchemaJudge } from './schema-judge.ts';

const [ACME, GLOBEX] = [asId('org', 'acme'), asId('org', 'globex')];
const BYTES = Buffer.from('{"n":"x"}');
const ANYTHING = { schema: true, examples: [] };

let folder: string;
let entry: URL;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hooklane-schemas-'));
  const outfile = join(folder, 'worker.mjs');
  const source = fileURLToPath(new URL('worker.ts', import.meta.url));
  const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" };
  await build({
    entryPoints: [source],
    outfile,
    banner,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  entry = pathToFileURL(outfile);
});
afterAll(() => rmSync(folder, { recursive: true }));

let schemas: Map<string, JsonSchema>;
let loads: string[];
let faults: unknown[];
let nowMs: number;
let judge: ClosableSchemaJudge;

beforeEach(() => {
  schemas = new Map();
  loads = [];
  faults = [];
  nowMs = 0;
  judge = judgeWith({});
});
afterEach(() => judge.close());

function judgeWith(changed: Partial<SchemaJudgeOptions>): ClosableSchemaJudge {
  return createSchemaJudge({
    async load({ id }) {
      loads.push(id);
      return schemas.get(id) ?? null;
    },
    onFault: (error) => faults.push(error),
    answerWithinMs: 20_000,
    clock: () => nowMs,
    entry,
    ...changed,
  });
}

describe('judging', () => {
  it('says where a payload does not fit, and loads each schema once', async () => {
    schemas.set('s', { properties: { n: { type: 'number' } } });
    const problems = [{ field: 'payload/n', message: 'must be number' }];
    expect(await judge.check({ orgId: ACME, id: 's' }, BYTES)).toEqual(problems);
    expect(await judge.check({ orgId: ACME, id: 's' }, Buffer.from('{"n":1}'))).toEqual([]);
    expect(loads).toEqual(['s']);
  });

  it('answers everyone who asks at the same time, each about his own', async () => {
    for (let n = 0; n < 20; n++) schemas.set(`s${n}`, { const: n });
    const asked = Array.from({ length: 200 }, (_, n) =>
      judge.check({ orgId: ACME, id: `s${n % 20}` }, Buffer.from(String(n % 40))),
    );
    const fits = (await Promise.all(asked)).map((problems) => problems.length === 0);
    expect(fits).toEqual(Array.from({ length: 200 }, (_, n) => n % 40 === n % 20));
  });

  it('reads only its own bytes of a larger request, and leaves them as they are', async () => {
    schemas.set('s', { const: 2 });
    const request = Buffer.from('[1,2,3]');
    expect(await judge.check({ orgId: ACME, id: 's' }, request.subarray(3, 4))).toEqual([]);
    expect(request.toString()).toBe('[1,2,3]');
  });

  it('has no objection by a schema that is gone', async () => {
    expect(await judge.check({ orgId: ACME, id: 'gone' }, BYTES)).toEqual([]);
  });

  it('examines a schema with its examples', async () => {
    expect(await judge.examine(ACME, { schema: { type: 'string' }, examples: ['x'] })).toEqual([]);
    expect((await judge.examine(ACME, { schema: { type: 'nothing' }, examples: [] }))[0]?.field).toBe('schema/type');
  });

  it('starts again after it was closed', async () => {
    await judge.close();
    expect(await judge.examine(ACME, ANYTHING)).toEqual([]);
  });
});

/** Each level takes twice as long as the one before. */
const doubled = (levels: number): JsonSchema => ({
  ...Object.fromEntries([['$ref', '#/$defs/d0']]),
  $defs: Object.fromEntries(
    Array.from({ length: levels }, (_, n) => {
      const next = { $ref: `#/$defs/d${n + 1}` };
      return [`d${n}`, n === levels - 1 ? { not: { type: 'null' } } : { allOf: [next, next] }];
    }),
  ),
});

describe('an org whose checks take long, though not too long', () => {
  beforeEach(async () => {
    schemas.set('slow', doubled(22));
    schemas.set('fair', { type: 'object' });
    await judge.check({ orgId: GLOBEX, id: 'slow' }, BYTES);
    await judge.check({ orgId: ACME, id: 'fair' }, BYTES);
  });

  it('has one of them made while others wait, however many it asks for', async () => {
    let made = 0;
    const slow = Array.from({ length: 8 }, () =>
      judge.check({ orgId: GLOBEX, id: 'slow' }, BYTES).then(() => {
        made++;
      }),
    );
    expect(await judge.check({ orgId: ACME, id: 'fair' }, BYTES)).toEqual([]);
    expect(made).toBeLessThanOrEqual(1);
    await Promise.all(slow);
    expect(made).toBe(8);
  }, 60_000);

  it('is told so when they have waited for half a minute, and no other org is', async () => {
    const asked = Array.from({ length: 3 }, () => judge.check({ orgId: GLOBEX, id: 'slow' }, BYTES));
    const settled = Promise.allSettled(asked);
    nowMs = 30_001;
    const fair = judge.check({ orgId: ACME, id: 'fair' }, BYTES);
    expect((await settled).map(({ status }) => status)).toContain('rejected');
    await expect(asked[2]).rejects.toBeInstanceOf(OverloadedError);
    expect(await fair).toEqual([]);
  }, 60_000);
});

it('an org may have 4,096 checks waiting, and others are not kept from asking by them', async () => {
  schemas.set('fair', { type: 'object' });
  const asked = Array.from({ length: 4_097 }, () => judge.check({ orgId: GLOBEX, id: 'fair' }, BYTES));
  const settled = Promise.allSettled(asked);
  await expect(asked[4_096]).rejects.toBeInstanceOf(OverloadedError);
  expect(await judge.check({ orgId: ACME, id: 'fair' }, BYTES)).toEqual([]);
  expect((await settled).filter(({ status }) => status === 'fulfilled')).toHaveLength(4_096);
}, 60_000);

describe('a schema that takes for ever', () => {
  it('is given up, found among others, and its org has to wait while others go on', async () => {
    await judge.close();
    judge = judgeWith({ answerWithinMs: 1_500, pauseMs: 10_000 });
    schemas.set('hostile', doubled(60));
    schemas.set('fair', { type: 'object' });
    await judge.examine(ACME, ANYTHING);
    const hostile = judge.check({ orgId: GLOBEX, id: 'hostile' }, BYTES).catch((error: unknown) => error);
    const fair = Array.from({ length: 5 }, () => judge.check({ orgId: ACME, id: 'fair' }, BYTES));

    expect(await hostile).toMatchObject({ code: 'schema_timeout' });
    expect(await Promise.all(fair)).toEqual([[], [], [], [], []]);
    expect(faults).toHaveLength(1);

    const again = () => judge.check({ orgId: GLOBEX, id: 'fair' }, BYTES);
    await expect(again()).rejects.toMatchObject({ code: 'schema_timeout' });
    expect(faults).toHaveLength(1);
    nowMs = 10_001;
    expect(await again()).toEqual([]);
  }, 60_000);

  it('is refused when it is to be used first, and its org may draft no other for a while, but publish', async () => {
    await judge.close();
    judge = judgeWith({ answerWithinMs: 1_500, pauseMs: 10_000 });
    nowMs = 0;
    schemas.set('fair', { type: 'object' });
    await judge.examine(ACME, ANYTHING);
    const draft = () => judge.examine(GLOBEX, { schema: doubled(60), examples: [] });
    await expect(draft()).rejects.toMatchObject({ code: 'schema_timeout' });
    expect(faults).toHaveLength(1);
    await expect(draft()).rejects.toMatchObject({ code: 'schema_timeout' });
    // The thread was not asked, so that it is there for others.
    expect(faults).toHaveLength(1);
    expect(await judge.examine(ACME, ANYTHING)).toEqual([]);
    expect(await judge.check({ orgId: GLOBEX, id: 'fair' }, BYTES)).toEqual([]);
  }, 60_000);
});

it('a thread that cannot start is our own fault, told, and the event is not taken', async () => {
  await judge.close();
  judge = judgeWith({ entry: pathToFileURL(join(folder, 'nowhere.mjs')) });
  await expect(judge.check({ orgId: ACME, id: 's' }, BYTES)).rejects.toMatchObject({ code: 'schema_timeout' });
  expect(String(faults[0])).toContain('nowhere.mjs');
});

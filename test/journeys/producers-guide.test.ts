import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { openHouse } from '../support/house.ts';
import { startReceiver } from '../support/receiver.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

it('what the guide of producers shows publishes events that arrive, as it stands there', async () => {
  await using house = await openHouse({ redis: false });
  await using receiver = await startReceiver();
  await house.webhook(receiver, { events: ['invoice.*'], filters: { region: ['eu'] } });
  const { key } = await house.operator.keys.create(house.org.slug, { name: 'shop', scopes: ['events:write'] });
  const guide = await readFile(`${ROOT}docs/producers.md`, 'utf8');
  const env = {
    PATH: process.env['PATH'],
    HOOKLANE_URL: house.url,
    HOOKLANE_ORG: house.org.slug,
    HOOKLANE_API_KEY: key,
  };

  const shell = await run('sh', ['-c', snippet(guide, 'sh')], { env });
  const again = await run('sh', ['-c', snippet(guide, 'sh')], { env });
  const module = ['--input-type=module', '--eval', snippet(guide, 'js')];
  const { stdout } = await run(process.execPath, module, { env, cwd: ROOT });

  const first = JSON.parse(shell.stdout);
  expect(first).toMatchObject({ id: expect.stringMatching(/^evt_/), deliveries: 1 });
  expect(JSON.parse(again.stdout)).toEqual(first);
  expect(stdout).toMatch(/^evt_\w+ 1\n2\n$/);
  const bodies = (await receiver.waitFor(2)).map(({ body }) => String(body));
  expect(bodies.toSorted()).toEqual(
    ['{"invoice":"inv_7","total":12.5}', '{"invoice": "inv_7", "total": 12.50}'].toSorted(),
  );
});

function snippet(guide: string, language: string): string {
  const [, text = ''] = guide.split(`\n\`\`\`${language}\n`);
  return text.split('\n```')[0] ?? '';
}

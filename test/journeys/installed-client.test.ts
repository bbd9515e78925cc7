import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { openHouse } from '../support/house.ts';
import { startReceiver } from '../support/receiver.ts';

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL('../../packages/client/', import.meta.url));

it('the client as it is packed publishes an event, and verifies it where it arrives', async () => {
  await using house = await openHouse({ redis: false });
  await using receiver = await startReceiver();
  await using project = await projectWithClient();
  const { key } = await house.operator.keys.create(house.org.slug, { name: 'packed', scopes: ['events:write'] });
  const { secret } = await house.webhook(receiver);

  const published = await project.tell(PUBLISH, { url: house.url, apiKey: key, org: house.org.slug });
  const [arrived] = await receiver.waitFor(1);
  const body = String(arrived?.body);
  const verified = await project.tell(VERIFY, { body, headers: arrived?.headers, secrets: secret });

  expect(JSON.parse(body)).toEqual({ invoice: 'inv_7' });
  expect(verified).toEqual(published);
});

const PUBLISH = `
  const { createClient } = await import('@hooklane/client');
  const client = createClient(given);
  const { id } = await client.events.publish({ type: 'invoice.paid', payload: { invoice: 'inv_7' } });
  client.close();
  tell(id);`;

const VERIFY = `
  const { verify } = await import('@hooklane/client/verify');
  tell(verify(given).id);`;

/** A folder that has the client as the registry would give it, and what it depends on. */
async function projectWithClient() {
  const folder = await mkdtemp(join(tmpdir(), 'hooklane-packed-'));
  const installed = join(folder, 'node_modules', '@hooklane', 'client');
  await mkdir(installed, { recursive: true });
  await run('npm', ['pack', SOURCE, '--pack-destination', folder, '--cache', join(folder, 'cache')]);
  const { name, version, dependencies, files } = JSON.parse(await readFile(join(SOURCE, 'package.json'), 'utf8'));
  expect(files).toContain('dist');
  const tarball = join(folder, `${name.slice(1).replace('/', '-')}-${version}.tgz`);
  await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  for (const [dependency, range] of Object.entries(dependencies)) {
    // `catalog:` and `workspace:` mean something in this house only: nobody could install it.
    expect(range).toMatch(/^\^\d+\.\d+\.\d+$/);
    await symlink(join(SOURCE, 'node_modules', dependency), join(folder, 'node_modules', dependency));
  }
  return {
    /** What a module tells that is given something. */
    async tell(module: string, given: unknown): Promise<unknown> {
      const around = `const given = ${JSON.stringify(given)}; const tell = (told) => console.log(JSON.stringify(told));`;
      const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', around + module], {
        cwd: folder,
      });
      return JSON.parse(stdout);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

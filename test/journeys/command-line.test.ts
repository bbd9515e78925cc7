import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Ended } from '../support/command-line.ts';
import { HOOKLANE, hooklane } from '../support/command-line.ts';
import type { House } from '../support/house.ts';
import { openHouse } from '../support/house.ts';
import { startProcess } from '../support/process.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const COMMANDS = [
  ...['doctor', 'listen', 'send', 'webhooks', 'diverted', 'replay', 'pause', 'resume', 'pauses', 'queues'],
  ...['operations', 'erase', 'reseal', 'bench', 'canary'],
];

let house: House;
let receiver: Receiver;
let env: Record<string, string>;

beforeAll(async () => {
  house = await openHouse({ redis: false });
});
beforeEach(async () => {
  receiver = await startReceiver();
  // The operator's key opens every org.
  env = { HOOKLANE_URL: house.url, HOOKLANE_API_KEY: house.operatorKey, HOOKLANE_ORG: (await house.newOrg()).slug };
});
afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
  await house[Symbol.asyncDispose]();
});

describe('hooklane', () => {
  it('explains itself and every command, with the exit codes', async () => {
    const { code, stdout } = await hooklane(['--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Exit codes: 0 done');
    for (const name of COMMANDS) {
      expect(stdout).toMatch(new RegExp(`^ +${name} `, 'm'));
    }
    expect((await hooklane(['replay', 'start', '--help'])).stdout).toContain('--dry-run');
  });

  it.each([
    [['frobnicate'], /unknown command/],
    [['replay', 'start', 'wh_1'], /--since/],
    [['replay', 'start', 'wh_1', '--since', 'yesterday'], /a time such as/],
    [['webhooks', 'list', '--org', 'x'], /HOOKLANE_API_KEY/],
    [['operations', 'cancel', '..', '--key', 'k'], /not a name/],
    [['erase', '', '--yes', '--key', 'k'], /not a name/],
    [['pause', '--webhook', '..', '--org', 'x', '--key', 'k'], /not a name/],
    [['pause', '--all', '--webhook', 'wh_1', '--key', 'k'], /cannot be used with/],
    [['pause', '--all', '--org', 'x', '--key', 'k'], /does not go with --org/],
    [['send', 'a.b', '{bad', '--org', 'x', '--key', 'k'], /not JSON/],
    [['send', 'a.b', '', '--org', 'x', '--key', 'k'], /not JSON/],
    [['listen', '--secret', 'foo'], /whsec_/],
    [['webhooks'], /unsuspend-all.*Which command/s],
  ])('refuses %j with exit code 2 and says why', async (args, why) => {
    const { code, stderr } = await hooklane(args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(why)]);
    const { code: again, stdout } = await hooklane([...args, '--json']);
    expect([again, JSON.parse(stdout)]).toMatchObject([2, { ok: false, exit_code: 2, error: { code: 'usage' } }]);
  });

  it('says that an event was accepted where the key does not let it be followed', async () => {
    const org = house.operator.org(env['HOOKLANE_ORG'] ?? '');
    const { key } = await house.operator.keys.create(org.slug, { name: 'publishes', scopes: ['events:write'] });
    env['HOOKLANE_API_KEY'] = key;
    const sent = await run('send', 'a.b', '--wait');
    expect([sent.code, json(sent)]).toMatchObject([
      3,
      { error: { message: expect.stringMatching(/^evt_\w+ was accepted/) } },
    ]);
  });

  it('says of deliveries that wait that they do', async () => {
    const org = house.operator.org(env['HOOKLANE_ORG'] ?? '');
    const webhook = await org.webhooks.create({ url: receiver.url, events: ['*'], ping: false });
    await run('pause', '--webhook', webhook.id);
    const sent = await run('send', 'a.b', '--wait', '--timeout', '1');
    await run('resume', '--webhook', webhook.id);
    expect([sent.code, sent.stderr + sent.stdout]).toEqual([
      1,
      expect.stringMatching(/1 delivery 1 still pending after 1 s/),
    ]);
  });

  it('does not call a Postgres as it should be that it was not told of', async () => {
    const { findings } = json(await hooklane(['doctor', '--json']));
    expect(findings.map((one: { about: string }) => one.about)).not.toContain('Postgres');
  });

  it('ends with 3 where the API refuses, and with 4 where there is none', async () => {
    const refused = await run('webhooks', 'get', 'wh_01ja8v5qk3f7nr2xw9m4t6y0bc');
    expect([refused.code, json(refused)]).toMatchObject([3, { ok: false, error: { code: 'not_found' } }]);
    env['HOOKLANE_URL'] = 'http://127.0.0.1:1';
    const away = await run('webhooks', 'list');
    expect([away.code, json(away)]).toMatchObject([4, { error: { code: 'unreachable' } }]);
  });

  it('makes a webhook, sends an event to what listens here, and both see it verified', async () => {
    const made = json(await run('webhooks', 'create', 'http://127.0.0.1:9000/', '--event', 'a.*', '--no-ping'));
    await using listener = await startProcess({
      entry: HOOKLANE,
      args: ['listen', '--json', '--count', '2'],
      env: { HOOKLANE_WEBHOOK_SECRET: made.secret },
      readyLine: /Listening on (\S+)$/,
    });
    await house.operator.org(env['HOOKLANE_ORG'] ?? '').webhooks.update(made.id, { url: listener.ready[1] ?? '' });

    const sent = await run('send', 'a.b', '{"n": 1.0}', '--wait');

    expect([sent.code, json(sent)]).toMatchObject([0, { deliveries: [{ state: 'delivered', webhook_id: made.id }] }]);
    await until(() => listener.lines.some((line) => line.includes('verified')), { what: 'the line of the listener' });
    const line = listener.lines.find((one) => one.includes('verified')) ?? '';
    expect(JSON.parse(line)).toMatchObject({ verified: true, id: json(sent).id, body: '{"n": 1.0}' });
    // Another secret: what comes now does not verify, and the listener ends with 1.
    await house.operator.org(env['HOOKLANE_ORG'] ?? '').webhooks.rotateSecret(made.id, { overlap_seconds: 0 });
    expect((await run('webhooks', 'ping', made.id)).code).toBe(1);
    expect(await listener.exited).toMatchObject({ code: 1 });
  });

  it('ends with 1 when what was sent is not delivered, and sends it again when the receiver works', async () => {
    receiver.answer(() => ({ status: 500 }));
    const { id } = await failingWebhook();
    const sent = await run('send', 'a.b', '--wait');
    expect([sent.code, sent.stdout]).toEqual([1, expect.stringContaining('"diverted"')]);

    const listed = json(await run('diverted', 'list', id));
    expect(listed.data).toMatchObject([{ reason: 'retries_exhausted' }]);
    expect(json(await run('diverted', 'resend', '--dry-run'))).toEqual({ dry_run: true, would_send: 1 });
    const other = await run('diverted', 'resend', id, '--dry-run', '--reason', 'suspended');
    expect(json(other)).toEqual({ dry_run: true, would_send: 0 });
    expect(json(await run('diverted', 'resend-all', '--dry-run'))).toEqual({ dry_run: true, would_send: 1 });
    const none = await run('diverted', 'resend-all', '--event-type', 'c.d', '--follow');
    expect([none.code, json(none)]).toMatchObject([0, { kind: 'resend', state: 'done', moved: 0 }]);
    const before = receiver.requests.length;

    receiver.answer(() => ({ status: 200 }));
    const resent = await run('diverted', 'resend', id, '--follow');

    expect([resent.code, json(resent)]).toMatchObject([0, { state: 'done', moved: 1 }]);
    await receiver.waitFor(before + 1);
    expect(receiver.requests).toHaveLength(before + 1);
  });

  it('replays a time range, first to see how much it would be', async () => {
    const { id } = await failingWebhook();
    for (const type of ['a.b', 'a.b', 'c.d']) await run('send', type, '--wait');
    const before = receiver.requests.length;

    const dry = await run('replay', 'start', id, '--since', '1h', '--event-type', 'a.*', '--dry-run');
    expect(json(dry)).toEqual({ dry_run: true, would_send: 2 });
    const missing = await run('replay', 'start', id, '--since', '1h', '--only-missing', '--dry-run');
    expect([json(missing).would_send, receiver.requests.length]).toEqual([0, before]);

    const done = await run('replay', 'start', id, '--since', '1h', '--event-type', 'a.*', '--follow');
    expect([done.code, json(done)]).toMatchObject([0, { kind: 'replay', state: 'done', moved: 2 }]);
    await receiver.waitFor(before + 2);
    expect(done.stderr).toMatch(/replay {2}(running|done)/);
    const { events } = house.operator.org(env['HOOKLANE_ORG'] ?? '');
    await events.publishBatch(Array.from({ length: 200 }, (_, n) => ({ type: 'e.f', payload: n })));
    const slow = json(await run('replay', 'start', id, '--since', '1h', '--per-second', '1'));
    expect(json(await run('replay', 'cancel', slow.id)).state).toBe('cancelled');
    expect((await run('replay', 'follow', slow.id)).code).toBe(1);
  });

  it('suspends and unsuspends, one and many, pauses and resumes', async () => {
    const { id } = await failingWebhook();
    expect(json(await run('webhooks', 'suspend', id)).active).toBe(false);
    expect(json(await run('webhooks', 'unsuspend-all', '--dry-run'))).toMatchObject({ remaining: 1, unsuspended: 0 });
    expect(json(await run('webhooks', 'unsuspend-all'))).toMatchObject({ unsuspended: 1 });
    expect(json(await run('pause', '--webhook', id)).paused).toMatchObject({ scope: 'webhook' });
    expect(json(await run('pause')).paused).toMatchObject({ scope: 'org' });
    expect(json(await run('pauses')).counts).toEqual({ all: 0, org: 1, webhook: 1 });
    expect((await hooklane(['pauses'], env)).stdout).toMatch(new RegExp(`^webhook +org_\\w+ +${id} `, 'm'));
    const shown = await hooklane(['webhooks', 'list'], env);
    expect(shown.stdout).toMatch(new RegExp(`${id} .* paused \\(org\\) `));
    expect(json(await run('resume')).paused).toBeNull();
    expect(json(await run('resume', '--webhook', id)).paused).toBeNull();
    expect((await run('webhooks', 'delete', id)).code).toBe(0);
    expect(json(await run('webhooks', 'list')).data).toEqual([]);
  });

  it('erases an org only when its slug is typed again, or --yes says so', async () => {
    const slug = env['HOOKLANE_ORG'] ?? '';
    const { id } = await house.operator.orgs.get(slug);
    const dry = json(await run('erase', slug, '--dry-run'));
    expect(dry).toEqual({ dry_run: true, org_id: id, slug, deleted: false, would_erase: expect.any(Number) });
    const { stdout } = await hooklane(['erase', slug, '--dry-run'], env);
    expect(stdout).toBe(`${slug} (${id}) with ${dry.would_erase} rows would be erased; nothing was.\n`);

    const unanswered = await hooklane(['erase', slug], env);
    expect([unanswered.code, unanswered.stderr]).toEqual([2, expect.stringContaining('--yes')]);
    const mistyped = await hooklane(['erase', slug], env, 'acme\n');
    expect([mistyped.code, mistyped.stderr]).toEqual([1, expect.stringContaining('nothing was erased')]);
    expect((await house.operator.orgs.get(slug)).id).toBe(id);

    const begun = await hooklane(['erase', slug, '--json', '--per-second', '1'], env, `${slug}\n`);
    expect([begun.code, json(begun)]).toMatchObject([0, { kind: 'erase', state: 'running', filter: { org_id: id } }]);
    expect((await run('webhooks', 'list')).code).toBe(3);
    // Deleted, it is known by its id alone.
    expect((await run('erase', slug, '--yes')).code).toBe(3);
    expect(json(await run('erase', id, '--dry-run'))).toMatchObject({ slug, deleted: true });
    const listed = await run('operations', 'list', '--kind', 'erase');
    expect(json(listed).data.map((one: { id: string }) => one.id)).toContain(json(begun).id);
    expect(json(await run('operations', 'cancel', json(begun).id)).state).toBe('cancelled');
    expect((await run('operations', 'follow', json(begun).id)).code).toBe(1);
    const again = await run('erase', id, '--yes');
    expect([again.code, json(again)]).toMatchObject([0, { kind: 'erase', state: 'running' }]);
  });

  it('seals everything anew, first to see how much that would be', async () => {
    await failingWebhook();
    expect(json(await run('reseal', '--dry-run'))).toMatchObject({ dry_run: true, would_seal: 0 });
    await house.pool.query(`UPDATE webhook_secrets SET sealed = '\\x036f6c64'::bytea || substring(sealed FROM 10)`);
    const { would_seal: found, key_id: key } = json(await run('reseal', '--dry-run'));
    expect(found).toBeGreaterThan(0);
    const { stdout } = await hooklane(['reseal', '--dry-run'], env);
    expect(stdout).toBe(`${found} would be sealed with key "${key}"; nothing was.\n`);
    const done = await run('reseal', '--follow');
    // Nobody has that key: it is looked at and left.
    expect([done.code, json(done)]).toMatchObject([0, { kind: 'reseal', state: 'done', moved: 0 }]);
  });

  it('tells how much there is to do', async () => {
    expect(json(await run('queues'))).toMatchObject({ pending: { in_flight: expect.any(Number) } });
    expect((await hooklane(['queues'], env)).stdout).toMatch(/^due +\d+$/m);
  });
});

function run(...args: string[]): Promise<Ended> {
  return hooklane([...args, '--json'], env);
}

/** The first line. */
function json({ stdout }: Ended) {
  return JSON.parse(stdout.split('\n')[0] ?? '');
}

/** Gives up at once. */
function failingWebhook() {
  return house.operator.org(env['HOOKLANE_ORG'] ?? '').webhooks.create({
    url: receiver.url,
    events: ['*'],
    ping: false,
    failure_policy: { retry: { kind: 'none' }, suspend: null },
  });
}

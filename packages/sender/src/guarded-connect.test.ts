import { afterEach, describe, expect, it } from 'vitest';
import type { DnsAnswer, DnsQuestion, DnsServer } from '../../../test/support/dns-server.ts';
import { startDnsServer } from '../../../test/support/dns-server.ts';
import type { Receiver } from '../test/receivers.ts';
import { answerEach, OK, rawReceiver } from '../test/receivers.ts';
import { inWords, requestTo, testSender } from '../test/sending.ts';
import type { AddressPolicy } from './address-policy.ts';
import { createAddressPolicy } from './address-policy.ts';
import { createResolver } from './resolver.ts';
import type { HttpSender, SenderOptions } from './sender.ts';

const running: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

const closedPolicy = createAddressPolicy({ allowNetworks: [] });

async function receiver(): Promise<Receiver> {
  const made = await rawReceiver((socket) => answerEach(socket, OK));
  running.push(made);
  return made;
}

function sender(options: Partial<SenderOptions>): HttpSender {
  const made = testSender(options);
  running.push(made);
  return made;
}

/** A sender whose names are those of a DNS server of the test. */
async function resolving(
  answer: (question: DnsQuestion) => DnsAnswer,
  options: Partial<SenderOptions> = {},
): Promise<{ dns: DnsServer; sender: HttpSender }> {
  const dns = await startDnsServer(answer);
  const resolver = createResolver({ servers: [dns.address] });
  running.push(dns, resolver);
  return { dns, sender: sender({ resolver, ...options }) };
}

describe('a literal address', () => {
  it.each([
    '127.0.0.1',
    '127.0.0.1.',
    '127.1',
    '0x7f.1',
    '0x7f000001',
    '2130706433',
    '017700000001',
    '0177.0.0.1',
    '0',
    '①②⑦.⓪.⓪.①',
    '127。0。0。1',
    '%31%32%37.0.0.1',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::7f00:1]',
    '[64:ff9b::7f00:1]',
    '169.254.169.254',
    'localhost',
    'LOCALHOST.',
    'loc\u00adalhost',
  ])('is blocked however it is spelt: %s', async (host) => {
    const target = await receiver();
    const report = await sender({ policy: closedPolicy }).send(requestTo(`http://${host}:${target.port}/`));
    expect(inWords(report)).toBe('blocked');
    expect(report.response).toBeNull();
    expect(target.accepted()).toBe(0);
  });

  it('is blocked alike whether something listens there or not', async () => {
    const target = await receiver();
    const one = sender({ policy: closedPolicy });
    const open = await one.send(requestTo(target.url));
    target.close();
    const shut = await one.send(requestTo(target.url));
    expect(open.outcome).toEqual(shut.outcome);
    expect(open.outcome).toEqual({ kind: 'blocked', reason: expect.stringContaining('network') });
  });

  it('is not looked up', async () => {
    const target = await receiver();
    const { dns, sender: one } = await resolving(() => 'refuse');
    expect(inWords(await one.send(requestTo(target.url)))).toBe('accepted 200');
    expect(dns.asked).toEqual([]);
  });
});

describe('a name', () => {
  it('is resolved and reached', async () => {
    const target = await receiver();
    const { sender: one } = await resolving(() => ['127.0.0.1']);
    expect(inWords(await one.send(requestTo(`http://receiver.test:${target.port}`)))).toBe('accepted 200');
  });

  it('that does not exist is a dns_error', async () => {
    const { sender: one } = await resolving(() => 'refuse');
    expect(inWords(await one.send(requestTo('http://nobody.test/')))).toBe('unreachable dns_error');
  });

  it('that resolves inside is blocked, without telling to what', async () => {
    const target = await receiver();
    const { sender: one } = await resolving(() => ['127.0.0.1'], { policy: closedPolicy });
    const { outcome } = await one.send(requestTo(`http://inside.test:${target.port}`));
    expect(outcome).toMatchObject({ kind: 'blocked' });
    expect(JSON.stringify(outcome)).not.toContain('127');
    expect(target.accepted()).toBe(0);
  });

  it.each([[['127.0.0.1', '10.0.0.1']], [['10.0.0.1', '127.0.0.1']], [['127.0.0.1', 'fd00::1']]])(
    'is blocked when any of its addresses is: %s',
    async (addresses) => {
      const target = await receiver();
      const { sender: one } = await resolving(() => addresses);
      expect(inWords(await one.send(requestTo(`http://mixed.test:${target.port}`)))).toBe('blocked');
      expect(target.accepted()).toBe(0);
    },
  );

  it('that changes its mind after it was checked (DNS rebinding) is judged by what it is dialled at', async () => {
    const target = await receiver();
    const dns = await startDnsServer(({ count }) => [count === 1 ? '93.184.215.14' : '127.0.0.1']);
    const resolver = createResolver({ servers: [dns.address] });
    const one = sender({ resolver, policy: closedPolicy });
    running.push(dns, resolver);

    const checked = await resolver.resolve('rebinding.test');
    expect(checked).toMatchObject({ addresses: [{ address: '93.184.215.14' }] });
    expect(inWords(await one.send(requestTo(`http://rebinding.test:${target.port}`)))).toBe('blocked');
    expect(target.accepted()).toBe(0);
  });

  it('is resolved once for a connection: what was judged is what is dialled', async () => {
    const target = await receiver();
    const { dns, sender: one } = await resolving(({ count }) => [count === 1 ? '127.0.0.1' : '10.0.0.1']);
    expect(inWords(await one.send(requestTo(`http://pinned.test:${target.port}`)))).toBe('accepted 200');
    expect(dns.asked.filter(({ type }) => type === 'A')).toHaveLength(1);
  });

  it('with several addresses is reached at the one that answers', async () => {
    const target = await receiver();
    const { sender: one } = await resolving(() => ['127.0.0.1', '::1']);
    expect(inWords(await one.send(requestTo(`http://both.test:${target.port}`)))).toBe('accepted 200');
  });

  it('whose DNS is dead runs into the deadline', async () => {
    const { sender: one } = await resolving(() => 'silence');
    const report = await one.send(requestTo('http://dead.test/', { timeoutMs: 300 }));
    expect(inWords(report)).toBe('timed-out connect');
    expect(report.durationMs).toBeLessThan(800);
  });

  it('with live DNS is not held up by fifty whose DNS is dead', async () => {
    const target = await receiver();
    const { dns, sender: one } = await resolving(({ name }) => (name.startsWith('dead') ? 'silence' : ['127.0.0.1']));
    const dead = Array.from({ length: 50 }, (_, at) =>
      one.send(requestTo(`http://dead${at}.test/`, { timeoutMs: 900 })),
    );
    await expect.poll(() => dns.asked.length).toBeGreaterThanOrEqual(100);
    // Each is looked up anew. What dead names cost would be on all of them; a busy machine spares one.
    const delays: number[] = [];
    for (let at = 0; at < 5; at++) {
      const report = await one.send(requestTo(`http://good${at}.test:${target.port}`));
      expect(inWords(report)).toBe('accepted 200');
      delays.push(report.durationMs);
    }
    expect(Math.min(...delays)).toBeLessThan(50);
    expect(new Set((await Promise.all(dead)).map(inWords))).toEqual(new Set(['timed-out connect']));
  });
});

describe('the peer of a connected socket', () => {
  it('is judged once more before a byte is sent to it', async () => {
    const received: Buffer[] = [];
    const target = await rawReceiver((socket) => socket.on('data', (chunk) => received.push(chunk)));
    running.push(target);
    const one = sender({ policy: changingItsMind() });
    const report = await one.send(requestTo(target.url));
    expect(inWords(report)).toBe('blocked');
    await expect.poll(() => target.open()).toBe(0);
    expect({ accepted: target.accepted(), received }).toEqual({ accepted: 1, received: [] });
  });
});

/** Lets the literal pass and refuses the peer. */
function changingItsMind(): AddressPolicy {
  let checks = 0;
  return { check: () => (++checks === 1 ? null : 'no') };
}

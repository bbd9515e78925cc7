// Makes sure that there is a redis-server on PATH. Plain JavaScript: test/run.mjs uses it before anything is built.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const policyFile = '/usr/sbin/policy-rc.d';

/** Does nothing where there is one. Throws where none can be installed, with what to do. */
export function installRedis() {
  if (hasRedis()) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(
      'The tests need a redis-server on PATH. Install Redis 7 or later (Debian: apt-get install redis-server).',
    );
  }
  withoutStartingServices(() => {
    aptGet('update', '-qq');
    aptGet('install', '-y', '-qq', '--no-install-recommends', 'redis-server');
  });
  if (!hasRedis()) throw new Error('apt-get installed redis-server, but it is not on PATH.');
}

export function hasRedis() {
  return spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;
}

function aptGet(...args) {
  const options = { encoding: 'utf8', stdio: 'pipe', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  try {
    execFileSync('apt-get', args, options);
  } catch (error) {
    throw new Error(`apt-get ${args.join(' ')} failed:\n${error.stderr}`);
  }
}

/** The package starts a server of its own on the usual port unless this file, Debian's switch for that, forbids it. */
function withoutStartingServices(act) {
  const ours = !existsSync(policyFile);
  if (ours) {
    writeFileSync(policyFile, '#!/bin/sh\nexit 101\n');
    chmodSync(policyFile, 0o755);
  }
  try {
    act();
  } finally {
    if (ours) rmSync(policyFile);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) installRedis();

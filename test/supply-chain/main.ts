import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { audit, passes } from './audit.ts';
import { installedManifests } from './installed.ts';
import { isAllowed } from './licences.ts';
import { DEPLOYED, readLockFile, root, runtimePackages } from './lock-file.ts';
import { sbomOf } from './sbom.ts';

const USAGE =
  'Usage: npm run supply-chain -- [count | licences | audit [--strict] | sbom]   (without one: the first three)';

const { version, packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string;
  packageManager: string;
};
const packages = runtimePackages(readLockFile(), DEPLOYED);

const args = process.argv.slice(2).filter((arg) => arg !== '--');
const isStrict = args.includes('--strict');

const commands: Readonly<Record<string, () => boolean | Promise<boolean>>> = {
  count() {
    const direct = packages.filter(({ isDirect }) => isDirect);
    say(
      `runtime dependencies: ${direct.length} that we name, ${packages.length} in all (docs/decisions/0043 says why)`,
    );
    return true;
  },
  licences() {
    const manifests = installedManifests();
    const known = packages.flatMap(({ name, version: one }) => manifests.get(`${name}@${one}`) ?? []);
    const refused = known.filter(({ license = 'none' }) => !isAllowed(license));
    say(
      `licences: ${known.length} read, ${packages.length - known.length} not installed here (other machines'), ${refused.length} not allowed`,
    );
    for (const { name, version: one, license = 'none' } of refused) say(`  ${name}@${one}: ${license}`);
    return refused.length === 0;
  },
  async audit() {
    const verdict = await audit(packageManager);
    if (verdict.kind === 'skipped') {
      say(`audit: SKIPPED, nothing is known of vulnerabilities: the registry did not answer (${verdict.why})`);
    } else {
      say(`audit: ${verdict.bad} high or critical (${JSON.stringify(verdict.known)})`);
      for (const line of verdict.worst) say(`  ${line}`);
    }
    return passes(verdict, { strict: isStrict });
  },
  sbom() {
    say(JSON.stringify(sbomOf(packages, installedManifests(), version), null, 2));
    return true;
  },
};

const [name, ...rest] = args.filter((arg) => arg !== '--strict');
const chosen = name === undefined ? ['count', 'licences', 'audit'] : [name];
if (rest.length > 0 || !chosen.every((one) => Object.hasOwn(commands, one))) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
} else {
  for (const one of chosen) if (!(await commands[one]?.())) process.exitCode = 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

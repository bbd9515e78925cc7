import type { Manifest } from './installed.ts';
import type { Package } from './lock-file.ts';

/** A bill of materials, CycloneDX 1.6: the same for the same lock file, so that two can be compared. */
export function sbomOf(packages: readonly Package[], manifests: ReadonlyMap<string, Manifest>, version: string) {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: { type: 'application', name: 'hooklane', version, licenses: [{ license: { id: 'Apache-2.0' } }] },
    },
    components: packages.map((one) => componentOf(one, manifests.get(`${one.name}@${one.version}`)?.license)),
  };
}

function componentOf({ name, version, integrity }: Package, licence: string | undefined) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    ...(licence !== undefined && { licenses: [{ expression: licence }] }),
    ...(integrity !== null && { hashes: [hashOf(integrity)] }),
  };
}

/** `sha512-…` in base64, as in the lock file, is hexadecimal here. */
function hashOf(integrity: string) {
  const [algorithm = '', digest = ''] = integrity.split('-');
  return { alg: algorithm.replace(/^sha/, 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') };
}

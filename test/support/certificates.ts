import { readFileSync } from 'node:fs';

/**
 * A certificate or key in PEM: one of the files that `certificates/make.sh` makes. `self-signed-cert`, or one that
 * `authority-cert` signed: `server`, `expired`, `sha1`, `client-a`, `client-b`. `weak` has a key that TLS refuses, `huge` one that takes long to sign with.
 */
export function fixture(name: string): string {
  return readFileSync(new URL(`certificates/${name}.pem`, import.meta.url), 'utf8');
}

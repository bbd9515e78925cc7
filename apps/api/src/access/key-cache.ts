import type { Caller, KeyStore } from '@hooklane/engine';

/** Looks keys up by their hash; see {@link createKeyCache}. */
export interface KeyCache {
  callerOf(hash: Buffer): Promise<Caller | null>;
  /** Forgets all: a key was revoked, or an org deleted, by this process. */
  clear(): void;
}

/** As long as a revoked key still works in the processes that did not revoke it. */
export const KEY_TTL_MS = 2_000;
const MOST_KEYS = 1_000;

interface Entry {
  caller: Caller;
  until: number;
}

/**
 * Remembers good keys for {@link KEY_TTL_MS}, so that a busy producer costs one lookup per two seconds; requests that
 * meet in between share it. Bad keys are not remembered: guesses would push the good ones out.
 */
export function createKeyCache(keys: Pick<KeyStore, 'authenticate'>, clock: () => number): KeyCache {
  let entries = new Map<string, Entry>();
  let lookups = new Map<string, Promise<Caller | null>>();

  // What is cleared must not come back: the maps are replaced as a whole, and a lookup under way writes to its own.
  async function lookUp(hash: Buffer, known: Map<string, Entry>): Promise<Caller | null> {
    const caller = await keys.authenticate(hash);
    if (caller !== null) remember(known, idOf(hash), { caller, until: clock() + KEY_TTL_MS });
    return caller;
  }

  function startLookup(hash: Buffer): Promise<Caller | null> {
    const underWay = lookups;
    const lookup = lookUp(hash, entries).finally(() => underWay.delete(idOf(hash)));
    underWay.set(idOf(hash), lookup);
    return lookup;
  }

  return {
    callerOf(hash) {
      const entry = entries.get(idOf(hash));
      if (entry !== undefined && entry.until > clock()) return Promise.resolve(entry.caller);
      return lookups.get(idOf(hash)) ?? startLookup(hash);
    },
    clear() {
      entries = new Map();
      lookups = new Map();
    },
  };
}

/** A map keeps the order of insertion: the first is the one looked up longest ago. */
function remember(entries: Map<string, Entry>, id: string, entry: Entry): void {
  entries.delete(id);
  entries.set(id, entry);
  const [oldest] = entries.keys();
  if (entries.size > MOST_KEYS && oldest !== undefined) entries.delete(oldest);
}

function idOf(hash: Buffer): string {
  return hash.toString('latin1');
}

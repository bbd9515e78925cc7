import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** One key that seals, named so that rows sealed with an older one can still be opened while it is being replaced. */
export interface SealingKey {
  /** 1 to 16 characters. */
  id: string;
  /** 32 bytes. */
  key: Buffer;
}

/** What a sealed value belongs to. Moved to another row, it does not open. */
export interface SealContext {
  orgId: string;
  webhookId: string;
  field: 'secret' | 'headers' | 'auth' | 'client_certificate';
}

/** Seals what must not be readable in a dump: AES-256-GCM, a fresh 96-bit IV for every write. */
export interface SecretBox {
  /** Of the key that seals. */
  readonly keyId: string;
  seal(clear: Buffer, context: SealContext): Buffer;
  /** Throws {@link UnsealError} when the key is unknown, or the bytes are not what was sealed in this context. */
  open(sealed: Buffer, context: SealContext): Buffer;
}

export class UnsealError extends Error {
  override readonly name = 'UnsealError';
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The first key seals; all of them open. */
export function createSecretBox(keys: readonly [SealingKey, ...SealingKey[]]): SecretBox {
  const byId = new Map(keys.map((key) => [key.id, key.key]));
  const [newest] = keys;

  return {
    keyId: newest.id,
    // Layout: length of the key's id, the id, IV, tag, ciphertext.
    seal(clear, context) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', newest.key, iv).setAAD(additionalData(context));
      const sealed = Buffer.concat([cipher.update(clear), cipher.final()]);
      const keyId = Buffer.from(newest.id);
      return Buffer.concat([Buffer.from([keyId.length]), keyId, iv, cipher.getAuthTag(), sealed]);
    },
    open(sealed, context) {
      const ivAt = 1 + (sealed[0] ?? 0);
      const tagAt = ivAt + IV_BYTES;
      const keyId = sealedWith(sealed);
      const key = byId.get(keyId);
      if (key === undefined) throw new UnsealError(`sealed with key "${keyId}", which is not configured`);
      try {
        // The length must be said: without it a tag cut down to 4 bytes would be believed.
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(ivAt, tagAt), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAAD(additionalData(context)).setAuthTag(sealed.subarray(tagAt, tagAt + TAG_BYTES));
        return Buffer.concat([decipher.update(sealed.subarray(tagAt + TAG_BYTES)), decipher.final()]);
      } catch (cause) {
        throw new UnsealError(`cannot be opened with key "${keyId}" as ${context.field} of this webhook`, { cause });
      }
    },
  };
}

/** The id of the key that a value is sealed with. */
export function sealedWith(sealed: Buffer): string {
  return sealed.toString('utf8', 1, 1 + (sealed[0] ?? 0));
}

function additionalData({ orgId, webhookId, field }: SealContext): Buffer {
  return Buffer.from(`${orgId}/${webhookId}/${field}`);
}

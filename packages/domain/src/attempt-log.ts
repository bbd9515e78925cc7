/** How many attempts of a webhook the log keeps; the reaper prunes the older ones. */
export const KEPT_ATTEMPTS = 100;

/** How much of an answer's body is read off the socket before the connection is dropped. */
export const READ_BODY_BYTES = 64 * 1024;

/** How much of an answer's body is kept in the log. */
export const STORED_BODY_BYTES = 4096;

/** How much of the header block of an answer is read; a longer one is a protocol error. */
export const READ_HEADER_BYTES = 16 * 1024;

/**
 * Bytes of a stranger as text that Postgres stores and a page shows: what is not UTF-8 becomes U+FFFD, NUL (which a
 * `text` column refuses) is removed. Never fails; the text may be up to three times as long in bytes.
 */
export function repairText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8').replaceAll('\0', '');
}

/** The part of an answer's body that is kept: its first {@link STORED_BODY_BYTES}, repaired. */
export function storedBody(bytes: Uint8Array): string {
  return repairText(bytes.subarray(0, STORED_BODY_BYTES));
}

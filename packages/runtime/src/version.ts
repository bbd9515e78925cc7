/** What runs; a test compares it with the package.json of every package. */
export const VERSION = '0.1.0';

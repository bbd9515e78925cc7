/** A test keeps it equal to the version in package.json, which a bundled client could not read. */
export const USER_AGENT = 'hooklane-client/0.1.0';

import { openApiDocument, ROUTES } from '@hooklane/api';
import { expect, test } from 'vitest';
import { clientTypes } from '../contract/client-types.ts';
import { read } from './sources.ts';

test('the types of the client are those of the document; `npm run api:types` makes them so', () => {
  expect(read('packages/client/src/api-types.ts')).toBe(clientTypes(openApiDocument(ROUTES)));
});

import { writeFileSync } from 'node:fs';
import { openApiDocument, ROUTES } from '@hooklane/api';
import { clientTypes } from './client-types.ts';

// `npm run api:types`
writeFileSync(new URL('../../packages/client/src/api-types.ts', import.meta.url), clientTypes(openApiDocument(ROUTES)));

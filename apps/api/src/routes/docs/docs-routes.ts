import { z } from 'zod';
import { answer, JsonText } from '../../contract/answer.ts';
import { route } from '../../contract/route.ts';
import { DOCS_POLICY } from '../../openapi/page/docs-page.ts';

const documentSchema = z.looseObject({ openapi: z.string() }).meta({ examples: [{ openapi: '3.1.1' }] });

export const getOpenApi = route(
  {
    method: 'GET',
    path: '/openapi.json',
    operationId: 'getOpenApi',
    summary: 'Describe the API to machines',
    tag: 'Documentation',
    access: 'open',
    answers: { 200: { schema: documentSchema, description: 'This document.' } },
  },
  (_call, { docs }) => answer(200, new JsonText<{ openapi: string }>(docs.json)),
);

export const getDocs = route(
  {
    method: 'GET',
    path: '/docs',
    operationId: 'getDocs',
    summary: 'Describe the API to people',
    tag: 'Documentation',
    access: 'open',
    answers: {
      200: {
        schema: z.string().meta({ examples: ['<!doctype html>…'] }),
        description: 'A page that loads nothing and runs nothing.',
        media: 'text/html; charset=utf-8',
      },
    },
  },
  (_call, { docs }) => answer(200, docs.page, { 'content-security-policy': DOCS_POLICY }),
);

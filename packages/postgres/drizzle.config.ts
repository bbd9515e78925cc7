import { defineConfig } from 'drizzle-kit';

// Run by `npm run db:generate`, from this package's folder.
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/schema/index.ts',
  out: '../../migrations',
});

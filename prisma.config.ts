import { defineConfig } from 'prisma/config';

// Users of an outside database may run `prisma migrate deploy` themselves: the service's own runner keeps the
// same `_prisma_migrations` table (docs/decisions/002-migrations.md).
export default defineConfig({
  schema: 'prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? 'postgresql://localhost/polyrelay' },
});

-- Things with their messages, and the policies that limit them.
CREATE TABLE "things" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "owner_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL DEFAULT '',
    "certificate" TEXT NOT NULL,
    "certificate_id" TEXT NOT NULL,
    "public_key" TEXT NOT NULL,
    "private_key" BYTEA,
    "keep_private_key" BOOLEAN NOT NULL DEFAULT false,
    "keys_made_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "test_collected_at" TIMESTAMPTZ(3),
    "test_published_at" TIMESTAMPTZ(3),
    CONSTRAINT "things_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "things_name_key" ON "things"("name");
CREATE UNIQUE INDEX "things_certificate_id_key" ON "things"("certificate_id");
CREATE INDEX "things_owner_id_name_idx" ON "things"("owner_id", "name");
ALTER TABLE "things" ADD CONSTRAINT "things_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Updated with every message: room in each page, so that no index has to follow.
CREATE TABLE "thing_activity" (
    "thing_id" UUID NOT NULL,
    "connected" BOOLEAN NOT NULL DEFAULT false,
    "last_seen_at" TIMESTAMPTZ(3),
    "collected" BIGINT NOT NULL DEFAULT 0,
    "published" BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT "thing_activity_pkey" PRIMARY KEY ("thing_id")
) WITH (fillfactor = 50);
ALTER TABLE "thing_activity" ADD CONSTRAINT "thing_activity_thing_id_fkey" FOREIGN KEY ("thing_id") REFERENCES "things"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "messages" (
    "id" UUID NOT NULL,
    "thing_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "payload" JSON NOT NULL,
    "bytes" INTEGER NOT NULL,
    "state" TEXT,
    "state_at" TIMESTAMPTZ(3),
    CONSTRAINT "messages_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "messages_thing_id_at_id_idx" ON "messages"("thing_id", "at", "id");
-- What still has to be handed over, and nothing else: found at once however many messages there are.
CREATE INDEX "messages_undelivered_idx" ON "messages"("thing_id", "at", "id") WHERE "state" IN ('queued', 'sent');
ALTER TABLE "messages" ADD CONSTRAINT "messages_thing_id_fkey" FOREIGN KEY ("thing_id") REFERENCES "things"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "policies" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "user_id" UUID,
    "things" BIGINT,
    "collected" BIGINT,
    "published" BIGINT,
    "retention_days" BIGINT,
    CONSTRAINT "policies_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "policies_user_id_key" ON "policies"("user_id");
ALTER TABLE "policies" ADD CONSTRAINT "policies_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "usage" (
    "user_id" UUID NOT NULL,
    "month" TIMESTAMPTZ(3) NOT NULL,
    "collected" BIGINT NOT NULL DEFAULT 0,
    "published" BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT "usage_pkey" PRIMARY KEY ("user_id", "month")
) WITH (fillfactor = 50);
ALTER TABLE "usage" ADD CONSTRAINT "usage_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

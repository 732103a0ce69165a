-- Channels: message streams read by key, who reads them, and the rules that feed them.
CREATE TABLE "channels" (
    "id" SERIAL NOT NULL,
    "owner_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "protocol_name" TEXT NOT NULL DEFAULT 'http',
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "topic" TEXT,
    "configuration" JSONB NOT NULL DEFAULT '{}',
    "messages_ttl" INTEGER NOT NULL DEFAULT 86400,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "channels_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "channels_owner_id_name_idx" ON "channels"("owner_id", "name");
CREATE INDEX "channels_topic_idx" ON "channels"("topic");
ALTER TABLE "channels" ADD CONSTRAINT "channels_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Updated with every batch: room in each page, so that no index has to follow.
CREATE TABLE "channel_heads" (
    "channel_id" INTEGER NOT NULL,
    "next_key" BIGINT NOT NULL DEFAULT 0,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "last_at" TIMESTAMPTZ(3),
    CONSTRAINT "channel_heads_pkey" PRIMARY KEY ("channel_id")
) WITH (fillfactor = 20);
ALTER TABLE "channel_heads" ADD CONSTRAINT "channel_heads_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "channel_tails" (
    "channel_id" INTEGER NOT NULL,
    "first_key" BIGINT NOT NULL DEFAULT 0,
    "deleted_messages" BIGINT NOT NULL DEFAULT 0,
    "deleted_bytes" BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT "channel_tails_pkey" PRIMARY KEY ("channel_id")
) WITH (fillfactor = 20);
ALTER TABLE "channel_tails" ADD CONSTRAINT "channel_tails_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "channel_messages" (
    "channel_id" INTEGER NOT NULL,
    "key" BIGINT NOT NULL,
    "ident" TEXT NOT NULL,
    "timestamp" DOUBLE PRECISION NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "message" JSON NOT NULL,
    "bytes" INTEGER NOT NULL,
    CONSTRAINT "channel_messages_pkey" PRIMARY KEY ("channel_id", "key")
);
CREATE INDEX "channel_messages_channel_id_timestamp_key_idx" ON "channel_messages"("channel_id", "timestamp", "key");

CREATE TABLE "channel_readers" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "channel_id" INTEGER NOT NULL,
    "credential" UUID NOT NULL,
    "agent" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "curr_key" BIGINT NOT NULL,
    "rate" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "waiting" BOOLEAN NOT NULL DEFAULT false,
    "deletes" BOOLEAN NOT NULL DEFAULT false,
    "last_read_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "channel_readers_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "channel_readers_channel_id_credential_agent_key" ON "channel_readers"("channel_id", "credential", "agent");
ALTER TABLE "channel_readers" ADD CONSTRAINT "channel_readers_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "channel_minutes" (
    "channel_id" INTEGER NOT NULL,
    "minute" TIMESTAMPTZ(3) NOT NULL,
    "messages" BIGINT NOT NULL,
    CONSTRAINT "channel_minutes_pkey" PRIMARY KEY ("channel_id", "minute")
);
ALTER TABLE "channel_minutes" ADD CONSTRAINT "channel_minutes_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "channel_rules" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "channel_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL DEFAULT '',
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "source" JSONB NOT NULL,
    "keep" JSONB NOT NULL DEFAULT '[]',
    "rename" JSONB NOT NULL DEFAULT '{}',
    "since" BIGINT NOT NULL DEFAULT 0,
    "added" BIGINT NOT NULL DEFAULT 0,
    "last_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "channel_rules_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "channel_rules_channel_id_idx" ON "channel_rules"("channel_id");
ALTER TABLE "channel_rules" ADD CONSTRAINT "channel_rules_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "event_cursors" (
    "name" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    CONSTRAINT "event_cursors_pkey" PRIMARY KEY ("name")
);

-- What an access token may do; null: everything its user may.
ALTER TABLE "access_tokens" ADD COLUMN "access" JSONB;

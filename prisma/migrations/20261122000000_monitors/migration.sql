-- Push monitors: what they watch, how far they are, who is connected, and the blocks they sent.
CREATE TABLE "customers" (
    "id" SERIAL NOT NULL,
    "user_id" UUID NOT NULL,
    CONSTRAINT "customers_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "customers_user_id_key" ON "customers"("user_id");
ALTER TABLE "customers" ADD CONSTRAINT "customers_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "devices" (
    "id" SERIAL NOT NULL,
    "owner_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "source_id" UUID NOT NULL,
    CONSTRAINT "devices_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "devices_source_id_key" ON "devices"("source_id");
CREATE INDEX "devices_owner_id_id_idx" ON "devices"("owner_id", "id");
ALTER TABLE "devices" ADD CONSTRAINT "devices_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "monitors" (
    "id" SERIAL NOT NULL,
    "owner_id" UUID NOT NULL,
    "topic" TEXT NOT NULL,
    "transport_type" TEXT NOT NULL,
    "format_type" TEXT NOT NULL,
    "batch_size" INTEGER NOT NULL,
    "batch_duration" INTEGER NOT NULL,
    "compression" TEXT NOT NULL,
    "ack_option" TEXT NOT NULL,
    "auto_replay_on_connect" BOOLEAN NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "schema_type" TEXT,
    "schema_data" TEXT NOT NULL DEFAULT '',
    "transport_url" TEXT NOT NULL DEFAULT '',
    "transport_token" BYTEA,
    "transport_method" TEXT NOT NULL DEFAULT 'PUT',
    "transport_headers" BYTEA,
    "connect_timeout" INTEGER NOT NULL DEFAULT 0,
    "response_timeout" INTEGER NOT NULL DEFAULT 0,
    "signing_secret" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "monitors_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "monitors_owner_id_id_idx" ON "monitors"("owner_id", "id");
ALTER TABLE "monitors" ADD CONSTRAINT "monitors_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Updated while a monitor sends: room in each page, so that no index has to follow.
CREATE TABLE "monitor_progress" (
    "monitor_id" INTEGER NOT NULL,
    "place" BIGINT NOT NULL,
    "next_seq" BIGINT NOT NULL DEFAULT 1,
    "next_block_id" INTEGER NOT NULL DEFAULT 1,
    "base_seq" BIGINT NOT NULL DEFAULT 0,
    "replay" BOOLEAN NOT NULL DEFAULT false,
    "sent_events" BIGINT NOT NULL DEFAULT 0,
    "sent_blocks" BIGINT NOT NULL DEFAULT 0,
    "sent_bytes" BIGINT NOT NULL DEFAULT 0,
    "rate" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "last_connect" TIMESTAMPTZ(3),
    "last_sent" TIMESTAMPTZ(3),
    "failing_since" TIMESTAMPTZ(3),
    "failure" TEXT,
    "disabled" BOOLEAN NOT NULL DEFAULT false,
    CONSTRAINT "monitor_progress_pkey" PRIMARY KEY ("monitor_id")
) WITH (fillfactor = 30);
ALTER TABLE "monitor_progress" ADD CONSTRAINT "monitor_progress_monitor_id_fkey" FOREIGN KEY ("monitor_id") REFERENCES "monitors"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "monitor_sessions" (
    "monitor_id" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "peer" TEXT NOT NULL DEFAULT '',
    "connected_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "monitor_sessions_pkey" PRIMARY KEY ("monitor_id")
);
ALTER TABLE "monitor_sessions" ADD CONSTRAINT "monitor_sessions_monitor_id_fkey" FOREIGN KEY ("monitor_id") REFERENCES "monitors"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "monitor_blocks" (
    "monitor_id" INTEGER NOT NULL,
    "seq" BIGINT NOT NULL,
    "block_id" INTEGER NOT NULL,
    "first_place" BIGINT NOT NULL,
    "last_place" BIGINT NOT NULL,
    "events" INTEGER NOT NULL,
    "bytes" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 1,
    "error" TEXT,
    "sent_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "delivered_at" TIMESTAMPTZ(3),
    CONSTRAINT "monitor_blocks_pkey" PRIMARY KEY ("monitor_id", "seq")
);
ALTER TABLE "monitor_blocks" ADD CONSTRAINT "monitor_blocks_monitor_id_fkey" FOREIGN KEY ("monitor_id") REFERENCES "monitors"("id") ON DELETE CASCADE ON UPDATE CASCADE;

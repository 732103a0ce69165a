CREATE TABLE "users" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL DEFAULT '',
    "role" TEXT NOT NULL DEFAULT 'member',
    "password_hash" TEXT,
    "oidc_subject" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_sign_in_at" TIMESTAMPTZ(3),
    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");
CREATE UNIQUE INDEX "users_oidc_subject_key" ON "users"("oidc_subject");

CREATE TABLE "sessions" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "token_hash" BYTEA NOT NULL,
    "user_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "user_agent" TEXT NOT NULL DEFAULT '',
    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "sessions_token_hash_key" ON "sessions"("token_hash");
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

CREATE TABLE "access_tokens" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "user_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "prefix" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),
    CONSTRAINT "access_tokens_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "access_tokens_token_hash_key" ON "access_tokens"("token_hash");
CREATE INDEX "access_tokens_user_id_idx" ON "access_tokens"("user_id");

CREATE TABLE "audit_entries" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "target" TEXT NOT NULL DEFAULT '',
    "detail" JSONB NOT NULL DEFAULT '{}',
    "ip" TEXT,
    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "events" (
    "id" BIGSERIAL NOT NULL,
    "owner_id" UUID,
    "topic" TEXT NOT NULL,
    "operation" TEXT NOT NULL,
    "group" TEXT NOT NULL DEFAULT '*',
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "payload" JSONB NOT NULL DEFAULT '{}',
    CONSTRAINT "events_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "controllers" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "owner_id" UUID NOT NULL,
    "uuid" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "version" TEXT NOT NULL DEFAULT '5.0.16',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "controllers_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "controllers_owner_id_uuid_key" ON "controllers"("owner_id", "uuid");

CREATE TABLE "node_servers" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "owner_id" UUID NOT NULL,
    "controller_id" UUID NOT NULL,
    "slot" SMALLINT NOT NULL,
    "worker" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "version" TEXT NOT NULL DEFAULT '',
    "server_json" JSONB NOT NULL,
    "source" JSONB,
    "runtime" TEXT NOT NULL,
    "desired" TEXT NOT NULL DEFAULT 'running',
    "state" TEXT NOT NULL DEFAULT 'stopped',
    "state_reason" TEXT NOT NULL DEFAULT '',
    "connected" BOOLEAN NOT NULL DEFAULT false,
    "first_run" BOOLEAN NOT NULL DEFAULT true,
    "development" BOOLEAN NOT NULL DEFAULT false,
    "short_poll" INTEGER NOT NULL,
    "long_poll" INTEGER NOT NULL,
    "custom_params" JSONB NOT NULL DEFAULT '{}',
    "custom_data" BYTEA,
    "oauth_url" TEXT,
    "oauth_client_id" TEXT,
    "oauth_client_secret" BYTEA,
    "pg_secret" BYTEA NOT NULL,
    "certificate" TEXT NOT NULL,
    "private_key" BYTEA NOT NULL,
    "time_added" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "time_started" TIMESTAMPTZ(3),
    "last_disconnect" TIMESTAMPTZ(3),
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "linked_at" TIMESTAMPTZ(3),
    CONSTRAINT "node_servers_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "node_servers_worker_key" ON "node_servers"("worker");
CREATE UNIQUE INDEX "node_servers_controller_id_slot_key" ON "node_servers"("controller_id", "slot");
CREATE INDEX "node_servers_owner_id_idx" ON "node_servers"("owner_id");

CREATE TABLE "notices" (
    "node_server_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "content" JSONB NOT NULL,
    "raised_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "notices_pkey" PRIMARY KEY ("node_server_id", "key")
);

CREATE TABLE "nodes" (
    "node_server_id" UUID NOT NULL,
    "address" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "nodedef_id" TEXT NOT NULL,
    "primary" TEXT NOT NULL,
    "is_controller" BOOLEAN NOT NULL DEFAULT false,
    "hint" JSONB,
    "time_added" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "time_started" TIMESTAMPTZ(3),
    CONSTRAINT "nodes_pkey" PRIMARY KEY ("node_server_id", "address")
);

-- Room in each page, so that updates of value and uom stay on it (HOT) and touch no index.
CREATE TABLE "drivers" (
    "id" BIGSERIAL NOT NULL,
    "node_server_id" UUID NOT NULL,
    "address" TEXT NOT NULL,
    "driver" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "uom" JSONB NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "drivers_pkey" PRIMARY KEY ("node_server_id", "address", "driver")
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX "drivers_id_key" ON "drivers"("id");

CREATE TABLE "driver_samples" (
    "driver_id" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "value" DOUBLE PRECISION NOT NULL
);
CREATE INDEX "driver_samples_driver_id_at_idx" ON "driver_samples"("driver_id", "at");
CREATE INDEX "driver_samples_at_idx" ON "driver_samples" USING BRIN ("at");

CREATE TABLE "profile_files" (
    "node_server_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "filename" TEXT NOT NULL,
    "content" BYTEA NOT NULL,
    "uploaded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "profile_files_pkey" PRIMARY KEY ("node_server_id", "type", "filename")
);

CREATE TABLE "oauth_links" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "node_server_id" UUID NOT NULL,
    "state_hash" BYTEA,
    "session_id" UUID,
    "user_id" UUID,
    "notice_key" TEXT,
    "provider" TEXT,
    "outcome" TEXT NOT NULL DEFAULT 'started',
    "error" TEXT,
    "error_description" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "oauth_links_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "oauth_links_state_hash_key" ON "oauth_links"("state_hash");
CREATE INDEX "oauth_links_node_server_id_created_at_idx" ON "oauth_links"("node_server_id", "created_at");

ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "access_tokens" ADD CONSTRAINT "access_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "controllers" ADD CONSTRAINT "controllers_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "node_servers" ADD CONSTRAINT "node_servers_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "node_servers" ADD CONSTRAINT "node_servers_controller_id_fkey" FOREIGN KEY ("controller_id") REFERENCES "controllers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "notices" ADD CONSTRAINT "notices_node_server_id_fkey" FOREIGN KEY ("node_server_id") REFERENCES "node_servers"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "nodes" ADD CONSTRAINT "nodes_node_server_id_fkey" FOREIGN KEY ("node_server_id") REFERENCES "node_servers"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "drivers" ADD CONSTRAINT "drivers_node_server_id_address_fkey" FOREIGN KEY ("node_server_id", "address") REFERENCES "nodes"("node_server_id", "address") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "profile_files" ADD CONSTRAINT "profile_files_node_server_id_fkey" FOREIGN KEY ("node_server_id") REFERENCES "node_servers"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "oauth_links" ADD CONSTRAINT "oauth_links_node_server_id_fkey" FOREIGN KEY ("node_server_id") REFERENCES "node_servers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

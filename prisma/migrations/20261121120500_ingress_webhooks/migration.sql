-- Inbound traffic: whether a node server wants it, the port of this machine that leads to its port 3000, and the port
-- of a worker that the user runs elsewhere.
ALTER TABLE "node_servers"
    ADD COLUMN "ingress_required" BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN "ingress_port" INTEGER,
    ADD COLUMN "ingress_local_port" INTEGER;
CREATE UNIQUE INDEX "node_servers_ingress_port_key" ON "node_servers"("ingress_port");
UPDATE "node_servers" SET "ingress_required" = true WHERE "server_json" ->> 'ingressRequired' = 'true';

CREATE TABLE "webhooks" (
    "node_server_id" UUID NOT NULL,
    "secret" BYTEA NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "taken" BOOLEAN NOT NULL DEFAULT false,
    "count" INTEGER NOT NULL DEFAULT 0,
    "last_at" TIMESTAMPTZ(3),
    "renewed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "webhooks_pkey" PRIMARY KEY ("node_server_id")
);
CREATE UNIQUE INDEX "webhooks_secret_hash_key" ON "webhooks"("secret_hash");
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_node_server_id_fkey" FOREIGN KEY ("node_server_id") REFERENCES "node_servers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

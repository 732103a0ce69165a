-- How far messages of channels have gone over MQTT.

-- Sessions of people's clients that asked to be remembered (embedded broker).
CREATE TABLE "channel_mqtt_cursors" (
    "user_id" UUID NOT NULL,
    "client_id" TEXT NOT NULL,
    "channel_id" INTEGER NOT NULL,
    "next_key" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "channel_mqtt_cursors_pkey" PRIMARY KEY ("user_id", "client_id", "channel_id")
);
CREATE INDEX "channel_mqtt_cursors_channel_id_idx" ON "channel_mqtt_cursors"("channel_id");
ALTER TABLE "channel_mqtt_cursors" ADD CONSTRAINT "channel_mqtt_cursors_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "channel_mqtt_cursors" ADD CONSTRAINT "channel_mqtt_cursors_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What an outside broker has acknowledged. Its row is held by the replica that publishes the channel.
CREATE TABLE "channel_publications" (
    "channel_id" INTEGER NOT NULL,
    "next_key" BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT "channel_publications_pkey" PRIMARY KEY ("channel_id")
) WITH (fillfactor = 20);
ALTER TABLE "channel_publications" ADD CONSTRAINT "channel_publications_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What nobody was handed yet: all there is to do for subscribers without acknowledgement and for outside brokers,
-- whose messages stay `sent`.
CREATE INDEX "messages_queued_idx" ON "messages"("thing_id", "at", "id") WHERE "state" = 'queued';

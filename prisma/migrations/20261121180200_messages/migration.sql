-- Counting, plotting and finding messages of a type read the index alone, not the payloads beside it.
DROP INDEX "messages_thing_id_at_id_idx";
CREATE INDEX "messages_thing_id_at_id_idx" ON "messages"("thing_id", "at", "id") INCLUDE ("type", "bytes");

-- Things that are being deleted are marked; lists by time of creation have their indexes.
ALTER TABLE "things" ADD COLUMN "deleting" BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX "things_created_at_id_idx" ON "things"("created_at", "id");
CREATE INDEX "things_owner_id_created_at_id_idx" ON "things"("owner_id", "created_at", "id");
-- Keys and certificate apart from the row: lists and counts go over rows of 200 bytes instead of 4 KiB.
ALTER TABLE "things" SET (toast_tuple_target = 128);

-- Certificates of things that are refused, for brokers that know them by their certificate alone.
CREATE TABLE "revoked_certificates" (
    "serial" TEXT NOT NULL,
    "revoked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "revoked_certificates_pkey" PRIMARY KEY ("serial")
);

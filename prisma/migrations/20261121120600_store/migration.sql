-- Entry of the store that a node server was installed from.
ALTER TABLE "node_servers" ADD COLUMN "catalogue_entry" TEXT;

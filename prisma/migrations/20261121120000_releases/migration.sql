ALTER TABLE node_servers
  ADD COLUMN limits JSONB,
  ADD COLUMN installed JSONB,
  ADD COLUMN previous JSONB,
  ADD COLUMN installation JSONB;

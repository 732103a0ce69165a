ALTER TABLE node_servers ADD COLUMN log_level text NOT NULL DEFAULT 'debug';

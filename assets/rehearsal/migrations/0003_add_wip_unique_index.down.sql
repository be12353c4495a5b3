-- Only the rule goes. The links stay: they are true with or without it.
-- total: SELECT 0
CREATE TEMP TABLE IF NOT EXISTS step (id INTEGER PRIMARY KEY);
DROP INDEX idx_process_data_wip_unique;
INSERT OR REPLACE INTO temp.step VALUES (1); -- dropping idx_process_data_wip_unique

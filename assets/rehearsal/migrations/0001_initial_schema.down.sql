-- Everything goes, children before parents.
-- total: SELECT 0
CREATE TEMP TABLE IF NOT EXISTS step (id INTEGER PRIMARY KEY);
DROP TABLE inspection_plans;
INSERT OR REPLACE INTO temp.step VALUES (1); -- dropping tables
DROP TABLE shifts;
DROP TABLE error_logs;
DROP TABLE print_logs;
DROP TABLE alerts;
DROP TABLE alert_rules;
DROP TABLE audit_log;
DROP TABLE wip_process_history;
DROP TABLE process_data;
DROP TABLE wip_items;
DROP TABLE serials;
DROP TABLE lots;
DROP TABLE equipment;
DROP TABLE production_lines;
DROP TABLE processes;
DROP TABLE product_models;
DROP TABLE users;

-- Every row of a work item is linked to it, then one row a work item and process is enforced. Where a process was
-- recorded twice for the same unit, the first row takes the link and the others stay linked by their serial alone.
-- total: SELECT count(*) FROM process_data WHERE data_level = 'WIP' AND wip_id IS NULL AND serial_id IS NOT NULL AND EXISTS (SELECT 1 FROM wip_items WHERE wip_items.serial_id = process_data.serial_id)
CREATE TEMP TABLE IF NOT EXISTS step (id INTEGER PRIMARY KEY);
INSERT OR REPLACE INTO temp.step VALUES (1); -- linking process_data to wip_items
UPDATE process_data
SET wip_id = (SELECT min(wip_items.id) FROM wip_items WHERE wip_items.serial_id = process_data.serial_id)
WHERE data_level = 'WIP' AND wip_id IS NULL AND serial_id IS NOT NULL
    AND EXISTS (SELECT 1 FROM wip_items WHERE wip_items.serial_id = process_data.serial_id)
    AND NOT EXISTS (
        SELECT 1 FROM process_data AS other
        WHERE other.serial_id = process_data.serial_id AND other.process_id = process_data.process_id
            AND other.data_level = 'WIP' AND other.id <> process_data.id
            AND (other.id < process_data.id OR other.wip_id IS NOT NULL)
    );
INSERT OR REPLACE INTO temp.step VALUES (2); -- building idx_process_data_wip_unique
CREATE UNIQUE INDEX idx_process_data_wip_unique ON process_data (wip_id, process_id) WHERE wip_id IS NOT NULL;

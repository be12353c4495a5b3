-- lots, serials, wip_items and process_data are rebuilt: time zones, server defaults, JSONB, the link to work items,
-- a lot for every row, constraints, and foreign keys that say what happens to a parent's children. SQLite cannot alter
-- a column in place, so each table is copied into its new shape and takes the old one's name. Foreign keys must be off
-- on the connection; they are checked here before the commit. Times are UTC on both sides, so their text stays.
-- total: SELECT (SELECT count(*) FROM lots) + (SELECT count(*) FROM serials) + (SELECT count(*) FROM wip_items) + (SELECT count(*) FROM process_data)
CREATE TEMP TABLE IF NOT EXISTS step (id INTEGER PRIMARY KEY);
-- The first statement writes, so that the transaction holds the lock before it reads.
CREATE TABLE new_lots (
    id INTEGER PRIMARY KEY,
    lot_number VARCHAR(30) NOT NULL UNIQUE,
    product_model_id INTEGER NOT NULL REFERENCES product_models (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    production_line_id INTEGER NOT NULL REFERENCES production_lines (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    target_quantity INTEGER NOT NULL CHECK (target_quantity BETWEEN 1 AND 100),
    status VARCHAR(20) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP
);
-- Rows that break a foreign key before the revision are not its fault (the checklist looks for them); what it adds is.
INSERT OR REPLACE INTO temp.step VALUES (1); -- checking foreign keys before
CREATE TEMP TABLE broken_before AS SELECT "table" AS child, rowid AS child_row, parent FROM pragma_foreign_key_check;
INSERT OR REPLACE INTO temp.step VALUES (2); -- copying lots
INSERT INTO new_lots (id, lot_number, product_model_id, production_line_id, target_quantity, status, created_at, updated_at)
SELECT id, lot_number, product_model_id, production_line_id, target_quantity, status, created_at, updated_at FROM lots;
DROP TABLE lots;
ALTER TABLE new_lots RENAME TO lots;
CREATE INDEX idx_lots_product_model ON lots (product_model_id);
CREATE INDEX idx_lots_status ON lots (status);

CREATE TABLE new_serials (
    id INTEGER PRIMARY KEY,
    serial_number VARCHAR(30) NOT NULL UNIQUE,
    lot_id INTEGER NOT NULL REFERENCES lots (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    unit_number INTEGER NOT NULL CHECK (unit_number BETWEEN 1 AND 100),
    status VARCHAR(20) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP
);
INSERT OR REPLACE INTO temp.step VALUES (3); -- copying serials
INSERT INTO new_serials (id, serial_number, lot_id, unit_number, status, created_at, updated_at)
SELECT id, serial_number, lot_id, unit_number, status, created_at, updated_at FROM serials;
DROP TABLE serials;
ALTER TABLE new_serials RENAME TO serials;
CREATE INDEX idx_serials_lot ON serials (lot_id);

CREATE TABLE new_wip_items (
    id INTEGER PRIMARY KEY,
    wip_code VARCHAR(30) NOT NULL UNIQUE,
    lot_id INTEGER NOT NULL REFERENCES lots (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    serial_id INTEGER REFERENCES serials (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    current_process_id INTEGER REFERENCES processes (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    status VARCHAR(20) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP
);
INSERT OR REPLACE INTO temp.step VALUES (4); -- copying wip_items
INSERT INTO new_wip_items (id, wip_code, lot_id, serial_id, current_process_id, status, created_at, updated_at)
SELECT id, wip_code, lot_id, serial_id, current_process_id, status, created_at, updated_at FROM wip_items;
DROP TABLE wip_items;
ALTER TABLE new_wip_items RENAME TO wip_items;
CREATE INDEX idx_wip_items_lot ON wip_items (lot_id);
CREATE INDEX idx_wip_items_serial ON wip_items (serial_id);

CREATE TABLE new_process_data (
    id INTEGER PRIMARY KEY,
    lot_id INTEGER NOT NULL REFERENCES lots (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    serial_id INTEGER REFERENCES serials (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    wip_id INTEGER REFERENCES wip_items (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    process_id INTEGER NOT NULL REFERENCES processes (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    equipment_id INTEGER REFERENCES equipment (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    operator_id INTEGER REFERENCES users (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    data_level VARCHAR(10) NOT NULL,
    result VARCHAR(10) NOT NULL,
    measurements JSONB,
    defects JSONB,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
    completed_at TIMESTAMP WITH TIME ZONE,
    duration_seconds INTEGER,
    notes TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT chk_process_data_data_level CHECK (data_level IN ('LOT', 'WIP', 'SERIAL')),
    CONSTRAINT chk_process_data_result CHECK (result IN ('PASS', 'FAIL', 'REWORK')),
    CONSTRAINT chk_process_data_wip_serial_consistency CHECK (
        (data_level = 'LOT' AND serial_id IS NULL AND wip_id IS NULL)
        OR (data_level = 'WIP' AND (wip_id IS NOT NULL OR serial_id IS NOT NULL))
        OR (data_level = 'SERIAL' AND serial_id IS NOT NULL AND wip_id IS NULL)
    ),
    CONSTRAINT chk_process_data_duration CHECK (duration_seconds >= 0),
    CONSTRAINT chk_process_data_timestamps CHECK (completed_at >= started_at)
);
INSERT OR REPLACE INTO temp.step VALUES (5); -- copying process_data
INSERT INTO new_process_data (
    id, lot_id, serial_id, process_id, equipment_id, operator_id, data_level, result, measurements, defects,
    started_at, completed_at, duration_seconds, notes, created_at, updated_at
)
SELECT
    id, coalesce(lot_id, (SELECT serials.lot_id FROM serials WHERE serials.id = process_data.serial_id)), serial_id,
    process_id, equipment_id, operator_id, data_level, result, measurements, defects,
    started_at, completed_at, duration_seconds, notes, created_at, updated_at
FROM process_data;
INSERT OR REPLACE INTO temp.step VALUES (6); -- dropping the old process_data
DROP TABLE process_data;
ALTER TABLE new_process_data RENAME TO process_data;
INSERT OR REPLACE INTO temp.step VALUES (7); -- building idx_process_data_lot
CREATE INDEX idx_process_data_lot ON process_data (lot_id);
INSERT OR REPLACE INTO temp.step VALUES (8); -- building idx_process_data_serial
CREATE INDEX idx_process_data_serial ON process_data (serial_id);
INSERT OR REPLACE INTO temp.step VALUES (9); -- building idx_process_data_wip
CREATE INDEX idx_process_data_wip ON process_data (wip_id) WHERE wip_id IS NOT NULL;
INSERT OR REPLACE INTO temp.step VALUES (10); -- building idx_process_data_serial_process
CREATE INDEX idx_process_data_serial_process ON process_data (serial_id, process_id);
INSERT OR REPLACE INTO temp.step VALUES (11); -- building idx_process_data_measurements
CREATE INDEX idx_process_data_measurements ON process_data (json_extract(measurements, '$.temperature'))
WHERE measurements IS NOT NULL;
INSERT OR REPLACE INTO temp.step VALUES (12); -- building idx_process_data_defects
CREATE INDEX idx_process_data_defects ON process_data (json_extract(defects, '$[0].type')) WHERE defects IS NOT NULL;
INSERT OR REPLACE INTO temp.step VALUES (13); -- checking foreign keys after
CREATE TEMP TABLE guard (
    broken INTEGER NOT NULL,
    CONSTRAINT the_revision_breaks_foreign_keys CHECK (broken = 0)
);
INSERT INTO temp.guard
SELECT count(*) FROM (
    SELECT "table", rowid, parent FROM pragma_foreign_key_check
    EXCEPT
    SELECT child, child_row, parent FROM temp.broken_before
);
DROP TABLE temp.guard;
DROP TABLE temp.broken_before;

-- The schema as NeuroHub had it before the refactoring.
-- total: SELECT 0
CREATE TEMP TABLE IF NOT EXISTS step (id INTEGER PRIMARY KEY);

CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    username VARCHAR(50) NOT NULL UNIQUE,
    full_name VARCHAR(100) NOT NULL,
    role VARCHAR(20) NOT NULL CHECK (role IN ('ADMIN', 'ENGINEER', 'OPERATOR')),
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
INSERT OR REPLACE INTO temp.step VALUES (1); -- creating tables
CREATE TABLE product_models (
    id INTEGER PRIMARY KEY,
    model_code VARCHAR(30) NOT NULL UNIQUE,
    model_name VARCHAR(100) NOT NULL,
    version VARCHAR(10) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE processes (
    id INTEGER PRIMARY KEY,
    process_code VARCHAR(30) NOT NULL UNIQUE,
    process_name VARCHAR(100) NOT NULL,
    sequence_number INTEGER NOT NULL UNIQUE CHECK (sequence_number BETWEEN 1 AND 8),
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE production_lines (
    id INTEGER PRIMARY KEY,
    line_code VARCHAR(30) NOT NULL UNIQUE,
    line_name VARCHAR(100) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE equipment (
    id INTEGER PRIMARY KEY,
    equipment_code VARCHAR(30) NOT NULL UNIQUE,
    equipment_name VARCHAR(100) NOT NULL,
    production_line_id INTEGER NOT NULL REFERENCES production_lines (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    process_id INTEGER NOT NULL REFERENCES processes (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    status VARCHAR(20) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_equipment_line ON equipment (production_line_id);

CREATE TABLE lots (
    id INTEGER PRIMARY KEY,
    lot_number VARCHAR(30) NOT NULL UNIQUE,
    product_model_id INTEGER NOT NULL REFERENCES product_models (id),
    production_line_id INTEGER NOT NULL REFERENCES production_lines (id),
    target_quantity INTEGER NOT NULL CHECK (target_quantity BETWEEN 1 AND 100),
    status VARCHAR(20) NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX idx_lots_product_model ON lots (product_model_id);
CREATE INDEX idx_lots_status ON lots (status);
CREATE TABLE serials (
    id INTEGER PRIMARY KEY,
    serial_number VARCHAR(30) NOT NULL UNIQUE,
    lot_id INTEGER NOT NULL REFERENCES lots (id),
    unit_number INTEGER NOT NULL CHECK (unit_number BETWEEN 1 AND 100),
    status VARCHAR(20) NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX idx_serials_lot ON serials (lot_id);
CREATE TABLE wip_items (
    id INTEGER PRIMARY KEY,
    wip_code VARCHAR(30) NOT NULL UNIQUE,
    lot_id INTEGER NOT NULL REFERENCES lots (id),
    serial_id INTEGER REFERENCES serials (id),
    current_process_id INTEGER REFERENCES processes (id),
    status VARCHAR(20) NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX idx_wip_items_lot ON wip_items (lot_id);
CREATE INDEX idx_wip_items_serial ON wip_items (serial_id);
CREATE TABLE process_data (
    id INTEGER PRIMARY KEY,
    lot_id INTEGER REFERENCES lots (id),
    serial_id INTEGER REFERENCES serials (id),
    process_id INTEGER NOT NULL REFERENCES processes (id),
    equipment_id INTEGER REFERENCES equipment (id),
    operator_id INTEGER REFERENCES users (id),
    data_level VARCHAR(10) NOT NULL,
    result VARCHAR(10) NOT NULL,
    measurements TEXT,
    defects TEXT,
    started_at TIMESTAMP NOT NULL,
    completed_at TIMESTAMP,
    duration_seconds INTEGER,
    notes TEXT,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX idx_process_data_lot ON process_data (lot_id);
CREATE INDEX idx_process_data_serial ON process_data (serial_id);

CREATE TABLE wip_process_history (
    id INTEGER PRIMARY KEY,
    wip_id INTEGER NOT NULL REFERENCES wip_items (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    process_id INTEGER NOT NULL REFERENCES processes (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    result VARCHAR(10) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_wip_process_history_wip ON wip_process_history (wip_id);
CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY,
    user_id INTEGER REFERENCES users (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    client_ip VARCHAR(45),
    action VARCHAR(20) NOT NULL,
    entity VARCHAR(50) NOT NULL,
    entity_id INTEGER,
    detail TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_audit_log_entity ON audit_log (entity, entity_id);
CREATE TABLE alert_rules (
    id INTEGER PRIMARY KEY,
    rule_name VARCHAR(100) NOT NULL UNIQUE,
    process_id INTEGER REFERENCES processes (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    threshold REAL NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE alerts (
    id INTEGER PRIMARY KEY,
    alert_rule_id INTEGER NOT NULL REFERENCES alert_rules (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    equipment_id INTEGER REFERENCES equipment (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    severity VARCHAR(10) NOT NULL,
    status VARCHAR(10) NOT NULL,
    message TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_alerts_equipment ON alerts (equipment_id);
CREATE TABLE print_logs (
    id INTEGER PRIMARY KEY,
    serial_id INTEGER NOT NULL REFERENCES serials (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    label_type VARCHAR(20) NOT NULL,
    copies INTEGER NOT NULL CHECK (copies > 0),
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE error_logs (
    id INTEGER PRIMARY KEY,
    level VARCHAR(10) NOT NULL,
    source VARCHAR(50) NOT NULL,
    message TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE shifts (
    id INTEGER PRIMARY KEY,
    production_line_id INTEGER NOT NULL REFERENCES production_lines (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    shift_name VARCHAR(20) NOT NULL,
    supervisor_id INTEGER REFERENCES users (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE inspection_plans (
    id INTEGER PRIMARY KEY,
    product_model_id INTEGER NOT NULL REFERENCES product_models (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    process_id INTEGER NOT NULL REFERENCES processes (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    sample_rate REAL NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
    UNIQUE (product_model_id, process_id)
);

-- The data of the stand-in, at revision 0001. The one row of temp.size says how much: process_rows in all, of them
-- unit_rows for units (8 a unit, the last unit may be on its way) and two a lot for the lots; lots and units; a block
-- of five lots shares cut5 units, divided at cut1 to cut4; first is the second the first unit starts, span how
-- many later the last one does; a unit takes an hour. Nothing is random: the same numbers give the same data.
INSERT INTO users (id, username, full_name, role, created_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
SELECT
    i, CASE WHEN i = 1 THEN 'admin' ELSE printf('user%02d', i) END, printf('User %02d', i),
    CASE WHEN i = 1 THEN 'ADMIN' WHEN i <= 6 THEN 'ENGINEER' ELSE 'OPERATOR' END,
    strftime('%Y-%m-%d %H:%M:%S', (SELECT first FROM temp.size) - 86400 * 30, 'unixepoch')
FROM n;

INSERT INTO product_models (id, model_code, model_name, version, created_at)
SELECT
    column1, column2, column3, column4, strftime('%Y-%m-%d %H:%M:%S', (SELECT first FROM temp.size) - 86400 * 29, 'unixepoch')
FROM (VALUES
    (1, 'NH-F2X-001', 'NeuroHub F2X', '1.0'), (2, 'NH-F2X-002', 'NeuroHub F2X Plus', '1.1'),
    (3, 'NH-F2X-003', 'NeuroHub F2X Mini', '1.0'), (4, 'NH-F2X-004', 'NeuroHub F2X Pro', '2.0'),
    (5, 'NH-F2X-005', 'NeuroHub F2X Lab', '0.9'));

INSERT INTO processes (id, process_code, process_name, sequence_number, created_at)
SELECT
    column1, column2, column3, column1, strftime('%Y-%m-%d %H:%M:%S', (SELECT first FROM temp.size) - 86400 * 29, 'unixepoch')
FROM (VALUES
    (1, 'LASER_MARKING', 'Laser marking'), (2, 'ASSEMBLY', 'Assembly'), (3, 'FIRMWARE', 'Firmware'),
    (4, 'CALIBRATION', 'Calibration'), (5, 'BURN_IN', 'Burn-in'), (6, 'FUNCTION_TEST', 'Function test'),
    (7, 'LABEL', 'Label'), (8, 'PACKING', 'Packing and inspection'));

INSERT INTO production_lines (id, line_code, line_name, created_at)
SELECT
    column1, printf('LINE-%d', column1), printf('Line %d', column1),
    strftime('%Y-%m-%d %H:%M:%S', (SELECT first FROM temp.size) - 86400 * 29, 'unixepoch')
FROM (VALUES (1), (2), (3), (4));

-- 15 machines for each of the 8 processes.
INSERT INTO equipment (id, equipment_code, equipment_name, production_line_id, process_id, status, created_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
SELECT
    i, printf('EQ-%d-%02d', (i - 1) / 15 + 1, (i - 1) % 15 + 1), printf('Station %03d', i), i % 4 + 1, (i - 1) / 15 + 1,
    CASE WHEN i % 29 = 0 THEN 'MAINTENANCE' ELSE 'RUNNING' END,
    strftime('%Y-%m-%d %H:%M:%S', (SELECT first FROM temp.size) - 86400 * 28, 'unixepoch')
FROM n;

INSERT INTO lots (id, lot_number, product_model_id, production_line_id, target_quantity, status, created_at, updated_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < (SELECT lots FROM temp.size))
SELECT
    i, printf('LOT-%06d', i), i % 5 + 1, i % 4 + 1,
    max(1, CASE (i - 1) % 5 WHEN 0 THEN cut1 WHEN 1 THEN cut2 - cut1 WHEN 2 THEN cut3 - cut2 WHEN 3 THEN cut4 - cut3 ELSE cut5 - cut4 END),
    CASE WHEN i >= lots - 2 THEN 'IN_PROGRESS' ELSE 'COMPLETED' END,
    strftime('%Y-%m-%d %H:%M:%S', first + (i - 1) * span / lots, 'unixepoch'),
    strftime('%Y-%m-%d %H:%M:%S', first + i * span / lots + 3600, 'unixepoch')
FROM n CROSS JOIN temp.size;

INSERT INTO serials (id, serial_number, lot_id, unit_number, status, created_at, updated_at)
WITH RECURSIVE
n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < (SELECT units FROM temp.size)),
placed AS (
    SELECT
        i, (i - 1) / cut5 * 5 + 1 AS first_lot, (i - 1) % cut5 AS place, cut1, cut2, cut3, cut4,
        ((i * 8 - 1) * 7919 + 13) % 1000 AS chance, i * 8 <= unit_rows AS done, first + (i - 1) * 8 * span / unit_rows AS born,
        first + (i - 1) * 8 * span / unit_rows + 3600 AS last
    FROM n CROSS JOIN temp.size
)
SELECT
    i, printf('NH%08d', i),
    first_lot + CASE WHEN place < cut1 THEN 0 WHEN place < cut2 THEN 1 WHEN place < cut3 THEN 2 WHEN place < cut4 THEN 3 ELSE 4 END,
    place + 1 - CASE WHEN place < cut1 THEN 0 WHEN place < cut2 THEN cut1 WHEN place < cut3 THEN cut2 WHEN place < cut4 THEN cut3 ELSE cut4 END,
    CASE WHEN NOT done THEN 'IN_PROGRESS' WHEN chance BETWEEN 940 AND 979 THEN 'FAILED' ELSE 'PASSED' END,
    strftime('%Y-%m-%d %H:%M:%S', born, 'unixepoch'), strftime('%Y-%m-%d %H:%M:%S', last, 'unixepoch')
FROM placed;

INSERT INTO wip_items (id, wip_code, lot_id, serial_id, current_process_id, status, created_at, updated_at)
SELECT
    id, printf('WIP-%08d', id), lot_id, id, min(8, unit_rows - (id - 1) * 8),
    CASE status WHEN 'IN_PROGRESS' THEN 'IN_PROGRESS' ELSE 'COMPLETED' END, created_at, updated_at
FROM serials CROSS JOIN temp.size;

-- Two rows a lot: when it was released to the line, and when it was packed.
INSERT INTO process_data (
    id, lot_id, process_id, equipment_id, operator_id, data_level, result, measurements, started_at, completed_at,
    duration_seconds, created_at, updated_at
)
WITH
two (n) AS (VALUES (0), (1)),
stamped AS (
    SELECT lots.id, n, CASE n WHEN 0 THEN created_at ELSE updated_at END AS stamp FROM lots CROSS JOIN two
)
SELECT
    (id - 1) * 2 + n + 1, id, n * 7 + 1, n * 105 + id % 15 + 1, id % 34 + 7, 'LOT', 'PASS',
    printf('{"temperature":%.1f,"humidity":%d}', 19.0 + id * 13 % 50 / 10.0, 35 + id * 7 % 20),
    stamp, stamp, 0, stamp, stamp
FROM stamped;

-- Every unit passes the processes in order. Up to the function test it is a work item, then it has its serial. Some
-- rows have only their serial and no lot: revision 0002 fills it in.
INSERT INTO process_data (
    id, lot_id, serial_id, process_id, equipment_id, operator_id, data_level, result, measurements, defects,
    started_at, completed_at, duration_seconds, notes, created_at, updated_at
)
WITH
passed AS (
    SELECT
        serials.id AS unit, serials.lot_id AS lot, processes.id AS process, (serials.id - 1) * 8 + processes.id - 1 AS k,
        process_rows - unit_rows AS before, first, span, unit_rows
    FROM serials CROSS JOIN processes CROSS JOIN temp.size
    WHERE (serials.id - 1) * 8 + processes.id <= unit_rows
),
told AS (
    SELECT
        *, (k * 7919 + 13) % 1000 AS chance, k * 104729 % 997 AS noise, 20 + k * 31 % 400 AS seconds,
        first + (unit - 1) * 8 * span / unit_rows + (process - 1) * 450 AS start
    FROM passed
),
timed AS (
    SELECT
        *, CASE WHEN chance < 940 THEN 'PASS' WHEN chance < 980 THEN 'FAIL' ELSE 'REWORK' END AS outcome,
        strftime('%Y-%m-%d %H:%M:%S', start, 'unixepoch') AS started,
        strftime('%Y-%m-%d %H:%M:%S', start + seconds, 'unixepoch') AS completed
    FROM told
)
SELECT
    before + k + 1, CASE WHEN k % 37 = 7 THEN NULL ELSE lot END, unit, process, (process - 1) * 15 + unit % 15 + 1,
    (unit * 7 + process) % 34 + 7, CASE WHEN process <= 6 THEN 'WIP' ELSE 'SERIAL' END, outcome,
    printf('{"temperature":%.1f,"torque":%.2f,"voltage":%.3f,"cycles":%d}', 18.0 + noise / 50.0, 1.1 + noise % 90 / 100.0, 3.2 + noise % 41 / 100.0, noise % 7 + 1),
    CASE outcome
        WHEN 'PASS' THEN NULL
        ELSE printf(
            '[{"type":"%s","severity":"%s","position":%d}]',
            CASE noise % 5 WHEN 0 THEN 'scratch' WHEN 1 THEN 'solder' WHEN 2 THEN 'firmware' WHEN 3 THEN 'alignment' ELSE 'label' END,
            CASE outcome WHEN 'FAIL' THEN 'major' ELSE 'minor' END, noise % 24 + 1
        )
    END,
    started, completed, seconds, CASE outcome WHEN 'REWORK' THEN 'sent back to the station before' END, completed, completed
FROM timed;

INSERT INTO wip_process_history (wip_id, process_id, result, created_at)
SELECT id, current_process_id, CASE status WHEN 'COMPLETED' THEN 'DONE' ELSE 'ENTERED' END, updated_at FROM wip_items;

INSERT INTO audit_log (user_id, client_ip, action, entity, entity_id, created_at)
SELECT id % 6 + 1, printf('10.20.%d.%d', id % 4, id % 200 + 10), 'CREATE', 'lots', id, created_at FROM lots;

INSERT INTO alert_rules (id, rule_name, process_id, threshold, created_at)
SELECT id, printf('%s temperature', process_name), id, 36.5, created_at FROM processes;

INSERT INTO alerts (alert_rule_id, equipment_id, severity, status, message, created_at)
SELECT
    process_id, equipment_id, CASE WHEN id % 3 = 0 THEN 'HIGH' ELSE 'LOW' END, CASE WHEN id % 5 = 0 THEN 'OPEN' ELSE 'CLOSED' END,
    printf('%s at the station', json_extract(defects, '$[0].type')), completed_at
FROM process_data WHERE result = 'FAIL' AND id % 7 = 0;

INSERT INTO print_logs (serial_id, label_type, copies, created_at)
SELECT id, 'SERIAL', 1, updated_at FROM serials WHERE status = 'PASSED' AND id % 3 = 0;

INSERT INTO error_logs (level, source, message, created_at)
SELECT CASE WHEN id % 2 = 0 THEN 'WARNING' ELSE 'ERROR' END, equipment_code, 'connection to the station lost', created_at
FROM equipment WHERE id % 3 = 0;

-- Three shifts a day on each line.
INSERT INTO shifts (production_line_id, shift_name, supervisor_id, created_at)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < (SELECT span / 28800 - 1 FROM temp.size))
SELECT
    production_lines.id, CASE i % 3 WHEN 0 THEN 'DAY' WHEN 1 THEN 'LATE' ELSE 'NIGHT' END, i % 5 + 2,
    strftime('%Y-%m-%d %H:%M:%S', first + i * 28800, 'unixepoch')
FROM n CROSS JOIN production_lines CROSS JOIN temp.size;

INSERT INTO inspection_plans (product_model_id, process_id, sample_rate, created_at)
SELECT product_models.id, processes.id, 0.05 * (processes.id % 4 + 1), processes.created_at
FROM product_models CROSS JOIN processes;

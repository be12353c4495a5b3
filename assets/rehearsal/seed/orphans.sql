-- Fault orphans: serials of lots that are not there. Nothing else hangs on them.
INSERT INTO serials (serial_number, lot_id, unit_number, status, created_at, updated_at)
SELECT printf('NH-ORPHAN-%d', id), 900000 + id, 1, status, created_at, updated_at FROM serials WHERE id <= 7;

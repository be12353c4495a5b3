-- Fault null-lot: a dozen rows have neither a lot nor a serial that could tell it.
UPDATE process_data SET lot_id = NULL
WHERE id IN (SELECT id FROM process_data WHERE data_level = 'LOT' AND id % 9 = 4 ORDER BY id LIMIT 12);

SELECT coalesce(json_agg(row_to_json(found)), '[]')::text FROM (
  SELECT i.indexrelid::bigint AS oid, c.relname AS table,
    coalesce((SELECT json_agg(a.attname ORDER BY u.place) FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY u(number, place)
      LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.number AND u.number > 0), '[]') AS columns,
    i.indisunique AS unique, i.indisprimary AS primary, i.indisvalid AS valid, i.indpred IS NOT NULL AS partial, m.amname AS method
  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am m ON m.oid = x.relam
  WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%' AND n.nspname NOT LIKE 'pg\_temp%'
) found

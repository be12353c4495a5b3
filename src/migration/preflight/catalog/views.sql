SELECT coalesce(json_agg(row_to_json(found)), '[]')::text FROM (
  SELECT DISTINCT v.relname AS view, n.nspname AS schema, c.relname AS table, a.attname AS column
  FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class
    JOIN pg_class c ON c.oid = d.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid AND d.refobjsubid > 0
  WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND v.oid <> c.oid
    AND n.nspname NOT IN ('pg_catalog', 'information_schema')
) found

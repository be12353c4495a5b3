SELECT coalesce(json_agg(row_to_json(found)), '[]')::text FROM (
  SELECT k.conrelid::bigint AS oid, k.conname AS name, k.contype::text AS kind, k.convalidated AS validated,
    k.contype = 'f' AND (k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('c', 'n', 'd')) AS acts,
    coalesce((SELECT json_agg(a.attname ORDER BY u.place) FROM unnest(k.conkey) WITH ORDINALITY u(number, place)
      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number), '[]') AS columns,
    fn.nspname AS references_schema, f.relname AS references,
    coalesce((SELECT json_agg(a.attname ORDER BY u.place) FROM unnest(k.confkey) WITH ORDINALITY u(number, place)
      JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number), '[]') AS referred,
    -- The stored tree of `column IS NOT NULL`: spelling it out as SQL would open the table.
    CASE WHEN k.contype = 'c' AND k.convalidated THEN (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.conrelid
      AND a.attnum::text = substring(k.conbin::text FROM '^\{NULLTEST :arg \{VAR :varno 1 :varattno (\d+) [^{}]*\} :nulltesttype 1 ')) END AS says_not_null
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_class f ON f.oid = k.confrelid LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
  WHERE k.contype IN ('c', 'f', 'p', 'u', 'x')
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%' AND n.nspname NOT LIKE 'pg\_temp%'
) found

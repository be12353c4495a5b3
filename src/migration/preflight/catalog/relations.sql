SELECT coalesce(json_agg(row_to_json(found)), '[]')::text FROM (
  SELECT c.oid::bigint AS oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
    CASE WHEN c.relkind = 'p' THEN coalesce((SELECT sum(greatest(p.reltuples, 0)) FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhrelid
        WHERE h.inhparent = c.oid), -1) ELSE c.reltuples END::float8 AS rows,
    (c.relpages::bigint + coalesce(t.relpages, 0)
      + coalesce((SELECT sum(x.relpages) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid), 0))::bigint
      * current_setting('block_size')::bigint AS bytes,
    EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgenabled <> 'D')
      OR EXISTS (SELECT FROM pg_rewrite w WHERE w.ev_class = c.oid AND w.rulename <> '_RETURN') AS triggers,
    -- A body without any of these words changes the row in hand at most.
    EXISTS (SELECT FROM pg_trigger g JOIN pg_proc f ON f.oid = g.tgfoid JOIN pg_language l ON l.oid = f.prolang
        WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgenabled <> 'D'
          AND (l.lanname <> 'plpgsql' OR f.prosrc ~* '\m(insert|update|delete|merge|truncate|execute|perform|call|copy|select)\M'))
      OR EXISTS (SELECT FROM pg_rewrite w WHERE w.ev_class = c.oid AND w.rulename <> '_RETURN') AS reaches,
    CASE WHEN c.relkind IN ('r', 'p', 'f') THEN coalesce((SELECT json_agg(json_build_array(kn.nspname, k.relname))
        FROM (SELECT h.inhrelid AS oid FROM pg_inherits h WHERE h.inhparent = c.oid
          UNION ALL SELECT h.inhparent FROM pg_inherits h WHERE h.inhrelid = c.oid) near
        JOIN pg_class k ON k.oid = near.oid JOIN pg_namespace kn ON kn.oid = k.relnamespace), '[]') ELSE '[]' END AS kin,
    CASE WHEN NOT pg_has_role(c.relowner, 'USAGE') THEN pg_get_userbyid(c.relowner) END AS foreign_owner
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'i', 'I', 'S', 'f', 'c')
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%' AND n.nspname NOT LIKE 'pg\_temp%'
) found

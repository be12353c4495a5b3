SELECT json_build_object(
  'sessions', coalesce((SELECT json_agg(json_build_object(
      'pid', a.pid, 'application', coalesce(a.application_name, ''), 'role', coalesce(a.usename, ''), 'state', coalesce(a.state, ''),
      'transaction_s', extract(epoch FROM clock_timestamp() - a.xact_start)::float8,
      'wraparound', a.backend_type = 'autovacuum worker' AND a.query LIKE '%(to prevent wraparound)%',
      'here', a.datname = current_database()))
    FROM pg_stat_activity a WHERE a.pid <> pg_backend_pid() AND (a.backend_type IN ('client backend', 'autovacuum worker', 'parallel worker') OR a.backend_type IS NULL)), '[]'),
  'locks', coalesce((SELECT json_agg(json_build_object('pid', l.pid, 'schema', n.nspname, 'table', c.relname, 'mode', l.mode, 'granted', l.granted,
      'application', coalesce(a.application_name, '')))
    FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'relation' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.pid <> pg_backend_pid()
      AND c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%'), '[]'),
  'prepared', coalesce((SELECT json_agg(json_build_object('gid', p.gid, 'age_s', extract(epoch FROM clock_timestamp() - p.prepared)::float8))
    FROM pg_prepared_xacts p WHERE p.database = current_database()), '[]'),
  'slots', coalesce((SELECT json_agg(json_build_object('name', s.slot_name, 'active', s.active, 'behind',
      CASE WHEN pg_is_in_recovery() THEN 0 ELSE coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn), 0) END::bigint))
    FROM pg_replication_slots s), '[]')
)::text

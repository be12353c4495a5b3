SELECT json_build_object(
  'version', current_setting('server_version_num')::int,
  'version_text', current_setting('server_version'),
  'database', current_database(),
  'role', current_user,
  'block_size', current_setting('block_size')::bigint,
  'in_recovery', pg_is_in_recovery(),
  'search_path', array_to_json(current_schemas(false)),
  'lock_timeout', coalesce((SELECT max(substr(entry, 14)) FROM pg_db_role_setting s, unnest(s.setconfig) entry
      WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
        AND s.setrole IN (0, current_user::regrole::oid) AND entry LIKE 'lock_timeout=%' AND substr(entry, 14) ~ '^[0-9]+$')::bigint,
      (SELECT reset_val::bigint FROM pg_settings WHERE name = 'lock_timeout' AND source IS DISTINCT FROM 'client'), 0),
  'time_zone', coalesce((SELECT max(substr(entry, 10)) FROM pg_db_role_setting s, unnest(s.setconfig) entry
      WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
        AND s.setrole IN (0, current_user::regrole::oid) AND lower(entry) LIKE 'timezone=%'), current_setting('log_timezone')),
  'read_only', EXISTS (SELECT FROM pg_db_role_setting s, unnest(s.setconfig) entry
      WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
        AND s.setrole = 0 AND entry IN ('default_transaction_read_only=on', 'default_transaction_read_only=true')),
  'sees_others', pg_has_role('pg_read_all_stats', 'USAGE')
)::text
